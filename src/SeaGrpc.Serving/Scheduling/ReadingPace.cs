namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// How fast prompts and drafts were read lately, to tell a call that has too little time for it. Only the fastest counts, and only
/// while it is recent: a server that was slow, or is new, refuses nobody. Thread-safe.
/// </summary>
internal sealed class ReadingPace(TimeProvider time)
{
    /// <summary>Readings without which there is no pace: the first ones of a process are slow.</summary>
    private const int LeastReadings = 4;

    private const int MostReadings = 32;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<(double SecondsPerToken, long Added)> _readings = new();

    /// <summary>A draft has been scored.</summary>
    /// <param name="tokens">Positions of its prompt and of itself; above 0.</param>
    /// <param name="duration">The time that it took from the first of them on.</param>
    public void Add(int tokens, TimeSpan duration)
    {
        lock (_gate)
        {
            Drop(MostReadings - 1);
            _readings.Enqueue((duration.TotalSeconds / tokens, time.GetTimestamp()));
        }
    }

    /// <summary>The least time that a number of positions takes, or null if unknown.</summary>
    public TimeSpan? LeastOf(long tokens)
    {
        lock (_gate)
        {
            Drop(MostReadings);
            return _readings.Count < LeastReadings
                ? null
                : TimeSpan.FromSeconds(tokens * _readings.Min(reading => reading.SecondsPerToken));
        }
    }

    private void Drop(int most)
    {
        while (_readings.TryPeek(out (double, long Added) oldest)
            && (_readings.Count > most || time.GetElapsedTime(oldest.Added) >= Lifetime))
        {
            _readings.Dequeue();
        }
    }
}
