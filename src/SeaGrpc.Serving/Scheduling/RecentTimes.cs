namespace SeaGrpc.Serving.Scheduling;

/// <summary>Durations of the last minute, at most 32 of them. Thread-safe.</summary>
internal sealed class RecentTimes(TimeProvider time)
{
    private const int Fewest = 4;
    private const int Most = 32;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<(TimeSpan Duration, long Added)> _durations = new();

    /// <summary>Adds one.</summary>
    public void Add(TimeSpan duration)
    {
        lock (_gate)
        {
            _durations.Enqueue((duration, time.GetTimestamp()));
            Drop();
        }
    }

    /// <summary>The duration that nine in ten are at most; null if fewer than four are known.</summary>
    public TimeSpan? NineInTen
    {
        get
        {
            lock (_gate)
            {
                Drop();
                TimeSpan[] sorted = [.. _durations.Select(one => one.Duration).Order()];
                return sorted.Length < Fewest ? null : sorted[(int)Math.Ceiling(0.9 * sorted.Length) - 1];
            }
        }
    }

    private void Drop()
    {
        while (_durations.TryPeek(out (TimeSpan, long Added) oldest)
            && (_durations.Count > Most || time.GetElapsedTime(oldest.Added) >= Lifetime))
        {
            _durations.Dequeue();
        }
    }
}
