namespace SeaGrpc.Testing.Runs;

/// <summary>Lets a thread pass a step at a time, as a test permits.</summary>
public sealed class Gate : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim _permits = new(0);
    private readonly SemaphoreSlim _arrivals = new(0);

    /// <summary>Arrives, and waits for a permit.</summary>
    public void Pass()
    {
        _arrivals.Release();
        if (!_permits.Wait(Patience))
        {
            throw new TimeoutException("No permit came.");
        }
    }

    /// <summary>Permits a number of steps.</summary>
    public void Permit(int steps = 1) => _permits.Release(steps);

    /// <summary>Permits every step from here on.</summary>
    public void Open() => _permits.Release(1_000_000);

    /// <summary>Waits until a thread stands before its next step. Each arrival is awaited once.</summary>
    public async Task ArrivalAsync()
    {
        if (!await _arrivals.WaitAsync(Patience))
        {
            throw new TimeoutException("Nobody came.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _permits.Dispose();
        _arrivals.Dispose();
    }
}
