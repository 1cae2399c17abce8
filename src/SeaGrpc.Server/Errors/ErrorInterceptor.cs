using Grpc.Core;
using Grpc.Core.Interceptors;

namespace SeaGrpc.Server.Errors;

/// <summary>Turns every failure of a call into the status that the contract defines for it.</summary>
internal sealed class ErrorInterceptor(CallFailures failures) : Interceptor
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
            throw failures.Translate(failure, context);
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
            throw failures.Translate(failure, context);
        }
    }
}
