using Google.Rpc;
using Grpc.Core;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>Reads what a failed call says.</summary>
internal static class Failures
{
    public static Task<RpcException> OfAsync(Func<Task> call) => Assert.ThrowsAsync<RpcException>(call);

    public static ErrorInfo Info(this RpcException failure) => failure.GetRpcStatus()!.GetDetail<ErrorInfo>()!;

    public static IReadOnlyList<BadRequest.Types.FieldViolation> Violations(this RpcException failure) =>
        failure.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations;

    /// <summary>Code, reason and domain.</summary>
    public static void AssertIs(this RpcException failure, StatusCode code, string reason)
    {
        Assert.Equal((code, reason, "seagrpc"), (failure.StatusCode, failure.Info().Reason, failure.Info().Domain));
    }

    /// <summary>Says when to try again, in the details and in the trailer.</summary>
    public static void AssertRetryable(this RpcException failure)
    {
        TimeSpan delay = failure.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan();
        Assert.True(delay > TimeSpan.Zero);
        Assert.Equal(Math.Ceiling(delay.TotalMilliseconds), double.Parse(failure.Trailers.GetValue("grpc-retry-pushback-ms")!));
    }
}
