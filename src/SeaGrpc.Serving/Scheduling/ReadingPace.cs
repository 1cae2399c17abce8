namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// How fast prompts and drafts were read recently, to detect calls that have too little time. Only the fastest recent pace counts, so a
/// slow or newly started server refuses nobody. Thread-safe.
/// </summary>
internal sealed class ReadingPace(TimeProvider time)
{
    /// <summary>Minimum number of readings for an estimate: the first ones of a process are slow.</summary>
    private const int LeastReadings = 4;

    private const int MostReadings = 32;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<(double SecondsPerToken, long Added)> _readings = new();

    /// <summary>Records that a draft has been scored.</summary>
    /// <param name="tokens">Positions of the prompt and the draft; above 0.</param>
    /// <param name="duration">Time from the first position to the score.</param>
    public void Add(int tokens, TimeSpan duration)
    {
        lock (_gate)
        {
            Drop(MostReadings - 1);
            _readings.Enqueue((duration.TotalSeconds / tokens, time.GetTimestamp()));
        }
    }

    /// <summary>Minimum time for a number of positions, or null if unknown.</summary>
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
