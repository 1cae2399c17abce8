namespace SeaGrpc.Serving.Scheduling;

/// <summary>Durations of recent jobs, to estimate when a slot becomes free. Thread-safe.</summary>
internal sealed class RunTimes(int concurrentJobs)
{
    private const double NewestWeight = 0.2;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private double _meanSeconds = double.NaN;

    /// <summary>
    /// Mean duration divided by the number of concurrent jobs, limited to 0.1 to 30 seconds; 1 second if nothing has run yet.
    /// </summary>
    public TimeSpan RetryAfter
    {
        get
        {
            lock (_gate)
            {
                double seconds = double.IsNaN(_meanSeconds) ? 1 : _meanSeconds / concurrentJobs;
                return TimeSpan.FromSeconds(Math.Clamp(seconds, Shortest.TotalSeconds, Longest.TotalSeconds));
            }
        }
    }

    /// <summary>Mean duration divided by the number of concurrent jobs: the time between two starts. Null if nothing has run yet.</summary>
    public TimeSpan? Interval
    {
        get
        {
            lock (_gate)
            {
                return double.IsNaN(_meanSeconds) ? null : TimeSpan.FromSeconds(_meanSeconds / concurrentJobs);
            }
        }
    }

    /// <summary>Records how long a job was on the device.</summary>
    public void Add(TimeSpan running)
    {
        lock (_gate)
        {
            _meanSeconds = double.IsNaN(_meanSeconds)
                ? running.TotalSeconds
                : _meanSeconds + NewestWeight * (running.TotalSeconds - _meanSeconds);
        }
    }
}
