namespace SeaGrpc.Serving.Errors;

/// <summary>A request waited in the queue for longer than its queue timeout. It never started.</summary>
public sealed class QueueTimeoutException : Exception
{
    /// <summary>Creates the exception from the timeout and an estimate of when a slot becomes free.</summary>
    public QueueTimeoutException(TimeSpan timeout, TimeSpan retryAfter)
        : base($"The request did not start within its queue timeout of {timeout.TotalSeconds:0.###} s.")
    {
        Timeout = timeout;
        RetryAfter = retryAfter;
    }

    /// <summary>The timeout that was exceeded.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>When a slot is likely to become free, estimated from recent runs.</summary>
    public TimeSpan RetryAfter { get; }
}
