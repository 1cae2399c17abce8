using System.Security.Authentication;
using Google.Rpc;
using Grpc.Core;

namespace SeaGrpc.Client;

/// <summary>A call that failed.</summary>
public class SeaGrpcException : Exception
{
    private protected SeaGrpcException(RpcException error)
        : base(error.Status.Detail, error)
    {
        Code = CodeOf(error);
        RetryAfter = RetryAfterOf(error);
        ErrorInfo? info = error.GetRpcStatus()?.GetDetail<ErrorInfo>();
        Reason = info?.Reason ?? string.Empty;
        Metadata = info?.Metadata.ToDictionary() ?? [];
    }

    /// <summary>The code of gRPC.</summary>
    public StatusCode Code { get; }

    /// <summary>Why, in one word: <c>QUEUE_FULL</c>. Empty where no server of this contract spoke.</summary>
    public string Reason { get; }

    /// <summary>Figures that belong to the reason: <c>max</c>, <c>actual</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>When the server wants the call again; null where it says nothing.</summary>
    public TimeSpan? RetryAfter { get; }

    internal static SeaGrpcException Of(RpcException error) => CodeOf(error) switch
    {
        StatusCode.InvalidArgument => new InvalidRequestException(error),
        StatusCode.ResourceExhausted => new BusyException(error),
        StatusCode.Unavailable => new UnavailableException(error),
        StatusCode.Unauthenticated => new UnauthenticatedException(error),
        StatusCode.DeadlineExceeded => new DeadlineExceededException(error),
        _ => new SeaGrpcException(error),
    };

    /// <summary>A connection that TLS refuses is INTERNAL to the library, UNAVAILABLE to every other language's.</summary>
    private static StatusCode CodeOf(RpcException error) =>
        error.Status.DebugException?.GetBaseException() is AuthenticationException
        || error.Status.DebugException?.InnerException is AuthenticationException
            ? StatusCode.Unavailable
            : error.StatusCode;

    internal static TimeSpan? RetryAfterOf(RpcException error) => error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();
}

/// <summary>INVALID_ARGUMENT: the request is wrong.</summary>
public sealed class InvalidRequestException : SeaGrpcException
{
    internal InvalidRequestException(RpcException error)
        : base(error) =>
        Violations = [.. (error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations ?? []).Select(
            violation => new FieldViolation(violation.Field, violation.Description, violation.Reason))];

    /// <summary>All that is wrong, at once.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; }
}

/// <summary>RESOURCE_EXHAUSTED: no slot, or no memory.</summary>
public sealed class BusyException : SeaGrpcException
{
    internal BusyException(RpcException error)
        : base(error)
    {
    }
}

/// <summary>UNAVAILABLE: nobody answers, or the server loads, drains or has lost its device.</summary>
public sealed class UnavailableException : SeaGrpcException
{
    internal UnavailableException(RpcException error)
        : base(error)
    {
    }
}

/// <summary>UNAUTHENTICATED: no token, or another one.</summary>
public sealed class UnauthenticatedException : SeaGrpcException
{
    internal UnauthenticatedException(RpcException error)
        : base(error)
    {
    }
}

/// <summary>DEADLINE_EXCEEDED: time was up before there was an answer.</summary>
public sealed class DeadlineExceededException : SeaGrpcException
{
    internal DeadlineExceededException(RpcException error)
        : base(error)
    {
    }
}
