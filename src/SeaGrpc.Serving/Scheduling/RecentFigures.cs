namespace SeaGrpc.Serving.Scheduling;

/// <summary>Measurements of the last minute, at most 32 of them; unknown while there are fewer than four. Thread-safe.</summary>
internal sealed class RecentFigures(TimeProvider time)
{
    private const int Fewest = 4;
    private const int Most = 32;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<(double Figure, long Added)> _figures = new();

    /// <summary>The smallest; null if unknown.</summary>
    public double? Least => Of(sorted => sorted[0]);

    /// <summary>What nine in ten are at most; null if unknown.</summary>
    public double? NineInTen => Of(sorted => sorted[(int)Math.Ceiling(0.9 * sorted.Length) - 1]);

    /// <summary>Adds one.</summary>
    public void Add(double figure)
    {
        lock (_gate)
        {
            _figures.Enqueue((figure, time.GetTimestamp()));
            Drop();
        }
    }

    private double? Of(Func<double[], double> choose)
    {
        lock (_gate)
        {
            Drop();
            return _figures.Count < Fewest ? null : choose([.. _figures.Select(one => one.Figure).Order()]);
        }
    }

    private void Drop()
    {
        while (_figures.TryPeek(out (double, long Added) oldest)
            && (_figures.Count > Most || time.GetElapsedTime(oldest.Added) >= Lifetime))
        {
            _figures.Dequeue();
        }
    }
}
