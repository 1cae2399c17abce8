using Grpc.Core;
using SeaGrpc.Server.Logging;

namespace SeaGrpc.Server.Errors;

/// <summary>Turns what a call, or a part of one, failed with into a status.</summary>
internal sealed class CallFailures(ILogger<CallFailures> logger)
{
    /// <summary>The status of a failure. One that no caller can understand is logged.</summary>
    public RpcException Translate(Exception failure, ServerCallContext context)
    {
        // Work that was abandoned at the deadline is late, not cancelled by the caller.
        if (failure is OperationCanceledException && context.Deadline.ToUniversalTime() <= DateTime.UtcNow)
        {
            return ErrorMapping.DeadlinePassed();
        }

        if (ErrorMapping.TryMap(failure) is { } known)
        {
            return known;
        }

        // An error that follows from the caller's disconnecting, such as a failed write, is not a failure.
        if (context.CancellationToken.IsCancellationRequested)
        {
            return ErrorMapping.CallerGone();
        }

        logger.CallFailed(failure, context.Method);
        return ErrorMapping.Unexpected();
    }
}
