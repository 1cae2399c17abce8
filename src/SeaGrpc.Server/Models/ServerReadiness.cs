using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.RemoteRewards;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;
using SeaGrpc.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.Server.Models;

/// <summary>Whether calls are accepted, for health, readiness and the services alike. Thread-safe.</summary>
internal sealed class ServerReadiness : IHealthCheck
{
    /// <summary>The services that have their own health status. The empty name is the whole server.</summary>
    public static readonly IReadOnlyList<string> Services =
        [string.Empty, AlignmentService.Descriptor.FullName, InfoService.Descriptor.FullName];

    private readonly ModelHost _models;
    private readonly HealthServiceImpl _health;
    private readonly OutsideRewards _rewards;
    private readonly OutsidePolicy _policy;
    private volatile bool _isWarm;
    private volatile bool _isDraining;

    public ServerReadiness(ModelHost models, HealthServiceImpl health, OutsideRewards rewards, OutsidePolicy policy)
    {
        _models = models;
        _health = health;
        _rewards = rewards;
        _policy = policy;
        _rewards.Changed += Publish;
        _policy.Changed += Publish;
        _models.Changed += Publish;
        Publish();
    }

    /// <summary>The state that calls encounter.</summary>
    public EngineState State =>
        _isDraining ? EngineState.Draining
        : _models.State != EngineState.Ready ? _models.State
        : _isWarm ? EngineState.Ready
        : EngineState.Loading;

    /// <summary>
    /// Whether every call is served on the models that are loaded at the start: it is what health reports. The others are loaded when a
    /// call names them.
    /// </summary>
    public bool IsServing => State == EngineState.Ready && _models.IsComplete && Trouble is null;

    /// <summary>What is wrong outside the server; null if nothing is.</summary>
    private string? Trouble => _policy.Trouble ?? _rewards.Trouble;

    /// <summary>Called after a real alignment has run.</summary>
    public void BecomeReady()
    {
        _isWarm = true;
        Publish();
    }

    /// <summary>Called when the server shuts down.</summary>
    public void BecomeDraining()
    {
        _isDraining = true;
        Publish();
    }

    /// <exception cref="EngineUnavailableException">Calls are not accepted at the moment.</exception>
    public void ThrowUnlessReady()
    {
        if (State is not EngineState.Ready and EngineState state)
        {
            throw new EngineUnavailableException(state);
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Publish();
        return Task.FromResult(State switch
        {
            EngineState.Ready when !_models.IsComplete => HealthCheckResult.Unhealthy("Models are being loaded again."),
            EngineState.Ready when Trouble is { } trouble => HealthCheckResult.Unhealthy(trouble),
            EngineState.Ready => HealthCheckResult.Healthy("Ready."),
            EngineState.Loading => HealthCheckResult.Unhealthy("The models are being loaded."),
            EngineState.Failed => HealthCheckResult.Unhealthy("The device was lost."),
            _ => HealthCheckResult.Unhealthy("The server is shutting down."),
        });
    }

    private void Publish()
    {
        // Calls are still accepted while a reward or the engine does not answer: those that do not need it succeed.
        ServingStatus status = IsServing ? ServingStatus.Serving : ServingStatus.NotServing;
        foreach (string service in Services)
        {
            _health.SetStatus(service, status);
        }
    }
}
