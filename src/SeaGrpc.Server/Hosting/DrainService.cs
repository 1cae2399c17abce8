using Microsoft.Extensions.Options;
using SeaGrpc.Server.Models;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// Runs on shutdown, before the listener closes. (1) Health changes to NOT_SERVING. (2) Running alignments end with their best response so
/// far, within the drain budget.
/// </summary>
internal sealed class DrainService(ModelHost models, ServerReadiness readiness, IOptions<EngineOptions> options) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.BecomeDraining(); // 1
        await models.DrainAsync(options.Value.DrainBudget); // 2
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
