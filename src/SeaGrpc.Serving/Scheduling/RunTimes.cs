namespace SeaGrpc.Serving.Scheduling;

/// <summary>How long recent jobs ran, to estimate when a slot is free. Thread-safe.</summary>
internal sealed class RunTimes(int concurrentJobs)
{
    private const double NewestWeight = 0.2;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private double _meanSeconds = double.NaN;

    /// <summary>The mean run time over the jobs that run at once, between 0.1 and 30 seconds; 1 second where nothing has run yet.</summary>
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

    /// <summary>A job has ended after this time on the device.</summary>
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
