namespace SeaGrpc.Serving.Errors;

/// <summary>The deadline or time limit passed before any response was scored, so there is no answer.</summary>
public sealed class AlignmentDeadlineException : Exception
{
    /// <summary>Creates the exception from the time that the request spent.</summary>
    public AlignmentDeadlineException(TimeSpan queued, TimeSpan running)
        : base($"The deadline or time limit came after {queued.TotalSeconds:0.###} s in the queue and {running.TotalSeconds:0.###} s "
            + "of work, before any response was scored; allow more time or a shorter response.")
    {
        Queued = queued;
        Running = running;
    }

    /// <summary>Time spent waiting.</summary>
    public TimeSpan Queued { get; }

    /// <summary>Time spent running.</summary>
    public TimeSpan Running { get; }
}
