using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>Picks the iterations that a job tells of.</summary>
internal sealed class UpdateThrottle(JobUpdateOptions options)
{
    private TimeSpan? _last;

    /// <summary>Whether this iteration is told; if so, the interval starts again.</summary>
    /// <param name="index">The iteration's index, from 1.</param>
    /// <param name="elapsed">Time since the job was submitted.</param>
    public bool Admits(int index, TimeSpan elapsed)
    {
        if (index % options.EveryNIterations != 0 || elapsed - _last < options.MinInterval)
        {
            return false;
        }

        _last = elapsed;
        return true;
    }
}
