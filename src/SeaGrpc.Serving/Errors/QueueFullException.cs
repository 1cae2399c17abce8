namespace SeaGrpc.Serving.Errors;

/// <summary>All slots, for running and waiting jobs, are taken.</summary>
public sealed class QueueFullException : Exception
{
    /// <summary>Creates the exception from the number of slots and an estimate of when one becomes free.</summary>
    public QueueFullException(int capacity, TimeSpan retryAfter)
        : base($"All {capacity} slots for running and waiting requests are taken; try again in {retryAfter.TotalSeconds:0.0} s.")
    {
        Capacity = capacity;
        RetryAfter = retryAfter;
    }

    /// <summary>Total number of slots, for running and waiting jobs.</summary>
    public int Capacity { get; }

    /// <summary>When a slot is likely to become free, estimated from recent runs.</summary>
    public TimeSpan RetryAfter { get; }
}
