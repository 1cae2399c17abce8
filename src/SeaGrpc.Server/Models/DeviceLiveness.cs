using Microsoft.Extensions.Diagnostics.HealthChecks;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Models;

/// <summary>Whether a restart is needed: it is once the device is lost, for nothing else recovers it. Thread-safe.</summary>
internal sealed class DeviceLiveness(ModelHost models) : IHealthCheck
{
    /// <summary>The name of the check.</summary>
    public const string Name = "device";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(models.State == EngineState.Failed
            ? HealthCheckResult.Unhealthy("The device was lost: only a restart recovers it.")
            : HealthCheckResult.Healthy("Alive."));
}
