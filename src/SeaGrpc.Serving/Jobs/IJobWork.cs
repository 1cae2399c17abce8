namespace SeaGrpc.Serving.Jobs;

/// <summary>The work behind an <see cref="AlignmentJob"/>, as far as the caller can end it. Thread-safe.</summary>
internal interface IJobWork
{
    /// <summary>Ends it with the best response so far: at once if it waits, otherwise within one unit of work.</summary>
    /// <returns>Whether it was waiting or running.</returns>
    bool RequestCancel();

    /// <summary>Ends it with a failure, whether it waits or runs.</summary>
    /// <returns>Whether it was waiting or running.</returns>
    bool TryFail(Exception failure);
}
