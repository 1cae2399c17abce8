using Grpc.Core;
using Grpc.Core.Interceptors;
using SeaGrpc.Server.Logging;

namespace SeaGrpc.Server.Errors;

/// <summary>Turns every failure of a call into the status that the contract defines for it.</summary>
internal sealed class ErrorInterceptor(ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception failure)
        {
            throw Translate(failure, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception failure)
        {
            throw Translate(failure, context);
        }
    }

    private RpcException Translate(Exception failure, ServerCallContext context)
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
