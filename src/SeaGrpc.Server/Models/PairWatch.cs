using Microsoft.Extensions.Options;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Models;

/// <summary>Has pairs loaded again whose folders have changed, once they no longer do.</summary>
internal sealed class PairWatch : IHostedService, IDisposable
{
    private readonly ModelHost _models;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<PolledFiles<string>> _files;

    public PairWatch(ModelHost models, IOptions<ModelOptions> options, TimeProvider time)
    {
        _models = models;
        _interval = options.Value.ReloadInterval;
        _time = time;
        _files = _interval == TimeSpan.Zero ? [] :
        [
            .. models.Pairs.Select(pair => new PolledFiles<string>(
                () => pair.Identity, () => pair.Name, name => _ = SettleAsync(pair), _ => { })),
        ];
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (PolledFiles<string> files in _files)
        {
            files.Watch(_interval, _time);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stop.CancelAsync();

    public void Dispose()
    {
        foreach (PolledFiles<string> files in _files)
        {
            files.Dispose();
        }

        _stop.Dispose();
    }

    /// <summary>Waits until nobody writes the files any more: until they are alike at both ends of an interval.</summary>
    private async Task SettleAsync(ModelPair pair)
    {
        try
        {
            for (string? before = null, now = pair.Identity; now != before; before = now, now = pair.Identity)
            {
                await Task.Delay(_interval, _time, _stop.Token);
            }

            await _models.ReloadChangedAsync(pair);
        }
        catch (OperationCanceledException)
        {
            // The server is stopping.
        }
    }
}
