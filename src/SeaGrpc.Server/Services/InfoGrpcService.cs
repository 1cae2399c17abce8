using Grpc.Core;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Services;

/// <summary>Implements the contract's InfoService.</summary>
internal sealed class InfoGrpcService(
    ModelHost models, ServerReadiness readiness, IOptions<LimitOptions> limits, IOptions<EngineOptions> engine)
{
    /// <summary>Returns versions, models, device, limits, defaults and methods.</summary>
    public Task<GetServerInfoResponse> GetServerInfo(GetServerInfoRequest request, ServerCallContext call)
    {
        readiness.ThrowUnlessReady();
        return Task.FromResult(InfoMapper.Of(models, limits.Value, engine.Value));
    }
}
