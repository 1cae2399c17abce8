using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>Selects the iterations and the progress that a job reports.</summary>
internal sealed class UpdateThrottle(JobUpdateOptions options)
{
    private TimeSpan? _last;

    /// <summary>Whether this iteration is reported; if so, the interval restarts.</summary>
    /// <param name="index">The iteration's index, from 1.</param>
    /// <param name="elapsed">Time since the job was submitted.</param>
    public bool Admits(int index, TimeSpan elapsed) => index % options.EveryNIterations == 0 && HasWaited(elapsed);

    /// <summary>Whether progress within an iteration is reported; if so, the interval restarts.</summary>
    /// <param name="elapsed">Time since the job was submitted.</param>
    public bool AdmitsProgress(TimeSpan elapsed) => options.Progress && HasWaited(elapsed);

    private bool HasWaited(TimeSpan elapsed)
    {
        if (elapsed - _last < options.MinInterval)
        {
            return false;
        }

        _last = elapsed;
        return true;
    }
}
