using System.Diagnostics;

namespace SeaGrpc.Bench.Engines;

/// <summary>How fast a simulated engine is. Zero is no time, or no limit.</summary>
/// <param name="Latency">Time that every request takes.</param>
/// <param name="RowTokensPerSecond">Tokens that one row draws in a second.</param>
/// <param name="TokensPerSecond">Tokens that all rows together draw in a second.</param>
internal sealed record EngineSpeed(TimeSpan Latency, int RowTokensPerSecond, int TokensPerSecond)
{
    /// <summary>How many tokens are read in the time in which one is drawn.</summary>
    public const int ReadPerDrawn = 20;

    private readonly Lock _gate = new();
    private long _free = Stopwatch.GetTimestamp();

    /// <summary>Takes the time that a request takes beside all others: no less than alone, and no more tokens than there are.</summary>
    /// <param name="drawn">Tokens drawn.</param>
    /// <param name="read">Tokens read that were in no cache.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SpendAsync(int drawn, int read, CancellationToken cancellationToken)
    {
        double alone = Latency.TotalSeconds + (RowTokensPerSecond > 0 ? drawn / (double)RowTokensPerSecond : 0);
        double wait = Math.Max(alone, TokensPerSecond > 0 ? Queued((drawn + (read / (double)ReadPerDrawn)) / TokensPerSecond) : 0);
        if (wait > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(wait), cancellationToken);
        }
    }

    // The work waits behind that of earlier requests. Returns the time until it is done.
    private double Queued(double seconds)
    {
        lock (_gate)
        {
            long now = Stopwatch.GetTimestamp();
            _free = Math.Max(now, _free) + (long)(seconds * Stopwatch.Frequency);
            return (_free - now) / (double)Stopwatch.Frequency;
        }
    }
}
