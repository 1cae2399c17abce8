namespace SeaGrpc.Serving.Errors;

/// <summary>All slots, running and waiting, are taken.</summary>
public sealed class QueueFullException : Exception
{
    /// <summary>With the number of slots and an estimate of when one is free.</summary>
    public QueueFullException(int capacity, TimeSpan retryAfter)
        : base($"All {capacity} slots for running and waiting requests are taken; try again in {retryAfter.TotalSeconds:0.0} s.")
    {
        Capacity = capacity;
        RetryAfter = retryAfter;
    }

    /// <summary>Slots in all: running and waiting.</summary>
    public int Capacity { get; }

    /// <summary>When a slot should be free, judged by recent runs.</summary>
    public TimeSpan RetryAfter { get; }
}
