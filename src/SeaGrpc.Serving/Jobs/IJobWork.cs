namespace SeaGrpc.Serving.Jobs;

/// <summary>The work behind an <see cref="AlignmentJob"/>, as far as its caller can end it. Thread-safe.</summary>
internal interface IJobWork
{
    /// <summary>Ends it soon, with the best so far: at once while it waits, else within one piece of work.</summary>
    /// <returns>Whether it was waiting or running.</returns>
    bool RequestCancel();

    /// <summary>Ends it by a failure, waiting or running.</summary>
    /// <returns>Whether it was waiting or running.</returns>
    bool TryFail(Exception failure);
}
