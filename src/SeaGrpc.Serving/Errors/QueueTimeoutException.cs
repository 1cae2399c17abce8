namespace SeaGrpc.Serving.Errors;

/// <summary>A request waited for its turn longer than its queue timeout. It never started.</summary>
public sealed class QueueTimeoutException : Exception
{
    /// <summary>With the timeout that passed and an estimate of when a slot is free.</summary>
    public QueueTimeoutException(TimeSpan timeout, TimeSpan retryAfter)
        : base($"The request did not start within its queue timeout of {timeout.TotalSeconds:0.###} s.")
    {
        Timeout = timeout;
        RetryAfter = retryAfter;
    }

    /// <summary>The queue timeout that passed.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>When a slot should be free, judged by recent runs.</summary>
    public TimeSpan RetryAfter { get; }
}
