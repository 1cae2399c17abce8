using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Services;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Calls;

/// <summary>
/// The contract's services, called inside the process and through the same interceptors as over gRPC: log, authentication, errors, and
/// whatever else is registered for them.
/// </summary>
internal sealed class LocalCalls
{
    private readonly AlignmentGrpcService _alignment;
    private readonly InfoGrpcService _info;
    private readonly Interceptor[] _aroundAlignment;
    private readonly Interceptor[] _aroundInfo;

    /// <summary>Makes the services and their interceptors.</summary>
    public LocalCalls(
        IServiceProvider services,
        IOptions<GrpcServiceOptions> every,
        IOptions<GrpcServiceOptions<AlignmentGrpcService>> alignment,
        IOptions<GrpcServiceOptions<InfoGrpcService>> info)
    {
        _alignment = ActivatorUtilities.CreateInstance<AlignmentGrpcService>(services);
        _info = ActivatorUtilities.CreateInstance<InfoGrpcService>(services);
        _aroundAlignment = Make(services, every.Value.Interceptors, alignment.Value.Interceptors);
        _aroundInfo = Make(services, every.Value.Interceptors, info.Value.Interceptors);
    }

    /// <summary>Calls StreamAlign, or something else of the service under its name.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stream">Receives the events.</param>
    /// <param name="call">The call.</param>
    /// <param name="handle">What runs inside the interceptors.</param>
    /// <exception cref="RpcException">The call failed.</exception>
    public Task StreamAlignAsync(
        StreamAlignRequest request, IServerStreamWriter<StreamAlignResponse> stream, ServerCallContext call,
        Func<AlignmentGrpcService, StreamAlignRequest, IServerStreamWriter<StreamAlignResponse>, ServerCallContext, Task> handle)
    {
        ServerStreamingServerMethod<StreamAlignRequest, StreamAlignResponse> next =
            (asked, events, context) => handle(_alignment, asked, events, context);
        foreach (Interceptor interceptor in _aroundAlignment.Reverse())
        {
            ServerStreamingServerMethod<StreamAlignRequest, StreamAlignResponse> inner = next;
            next = (asked, events, context) => interceptor.ServerStreamingServerHandler(asked, events, context, inner);
        }

        return next(request, stream, call);
    }

    /// <summary>Calls GetServerInfo.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    public Task<GetServerInfoResponse> GetServerInfoAsync(ServerCallContext call)
    {
        UnaryServerMethod<GetServerInfoRequest, GetServerInfoResponse> next = _info.GetServerInfo;
        foreach (Interceptor interceptor in _aroundInfo.Reverse())
        {
            UnaryServerMethod<GetServerInfoRequest, GetServerInfoResponse> inner = next;
            next = (asked, context) => interceptor.UnaryServerHandler(asked, context, inner);
        }

        return next(new GetServerInfoRequest(), call);
    }

    private static Interceptor[] Make(IServiceProvider services, params InterceptorCollection[] collections) =>
        [.. collections.SelectMany(collection => collection).Select(one =>
            (Interceptor)ActivatorUtilities.CreateInstance(services, one.Type, [.. one.Arguments]))];
}
