namespace SeaGrpc.Serving;

/// <summary>What a cancellation by id met.</summary>
public enum CancelResult
{
    /// <summary>No alignment in flight or kept for replay has this id.</summary>
    NotFound,

    /// <summary>It was waiting or running, and ends within one piece of work. Asking again has no further effect.</summary>
    Cancelling,

    /// <summary>It has already finished.</summary>
    AlreadyFinished,
}
