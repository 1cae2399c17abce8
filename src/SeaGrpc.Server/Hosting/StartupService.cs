using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Models;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// Makes the server ready: (1) waits until the host is listening, (2) loads the models and runs one real alignment on each pair, (3) opens
/// the services and logs what is served. If a step fails, it stops the process with exit code 1.
/// </summary>
internal sealed class StartupService(
    ModelHost models,
    ServerReadiness readiness,
    StartupOutcome outcome,
    ServerDescription description,
    IHostApplicationLifetime lifetime,
    ILogger<StartupService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WaitForStartAsync(stoppingToken); // 1
            await models.StartAsync(stoppingToken); // 2
            ThrowIfStopping();
            readiness.BecomeReady(); // 3
            logger.Ready(description.Describe());
            outcome.Succeed();
        }
        catch (Exception failure)
        {
            // A failure that is caused by stopping the server is not a startup failure.
            outcome.Fail(IsStopping ? new OperationCanceledException("The server was stopped before it was ready.", failure) : failure);
            if (!IsStopping)
            {
                lifetime.StopApplication();
            }
        }
    }

    private bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested || readiness.State == EngineState.Draining;

    private void ThrowIfStopping()
    {
        if (IsStopping)
        {
            throw new OperationCanceledException();
        }
    }
}
