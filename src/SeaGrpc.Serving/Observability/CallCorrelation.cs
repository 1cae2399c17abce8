using System.Diagnostics;

namespace SeaGrpc.Serving.Observability;

/// <summary>Makes what is logged of a job on the model thread carry the trace and span ids of its call.</summary>
internal readonly struct CallCorrelation : IDisposable
{
    private readonly Activity? _before;

    private CallCorrelation(Activity? before) => _before = before;

    /// <summary>Begins, until it is disposed on the same thread.</summary>
    /// <param name="call">What was current when the job was submitted. If that has ended, nothing changes.</param>
    public static CallCorrelation With(Activity? call)
    {
        Activity? before = Activity.Current;
        if (call is { IsStopped: false })
        {
            Activity.Current = call;
        }

        return new CallCorrelation(before);
    }

    public void Dispose() => Activity.Current = _before;
}
