namespace SeaGrpc.Serving;

/// <summary>The result of a cancellation by id.</summary>
public enum CancelResult
{
    /// <summary>No alignment in flight or kept for replay has this id.</summary>
    NotFound,

    /// <summary>It was waiting or running and ends within one unit of work. Cancelling again has no further effect.</summary>
    Cancelling,

    /// <summary>It has already finished.</summary>
    AlreadyFinished,
}
