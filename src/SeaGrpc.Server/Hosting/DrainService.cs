using Microsoft.Extensions.Options;
using SeaGrpc.Server.Models;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// On shutdown, before the listener closes: (1) health says NOT_SERVING, (2) running alignments end with their best so far,
/// within the drain budget.
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
