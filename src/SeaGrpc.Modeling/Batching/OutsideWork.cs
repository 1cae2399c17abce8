namespace SeaGrpc.Modeling.Batching;

/// <summary>Asks for answers from outside the process without keeping the device from other jobs.</summary>
public static class OutsideWork
{
    /// <summary>Begins to ask. The answer is taken later; until then the caller does other work.</summary>
    /// <typeparam name="T">Type of the answer.</typeparam>
    /// <param name="ask">Begins to ask, and stops when the token is cancelled. Its continuations must not need this thread.</param>
    /// <returns>The answer to come. Disposing it stops asking.</returns>
    public static OutsideAnswer<T> Begin<T>(Func<CancellationToken, Task<T>> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        return new OutsideAnswer<T>(new OutsideRequest<T>(ask, JobLane.Current?.OnAnswer));
    }

    /// <summary>
    /// Waits for an answer. On a job's lane, other jobs run meanwhile, and the wait ends if the job is given up. Elsewhere the thread
    /// blocks.
    /// </summary>
    /// <typeparam name="T">Type of the answer.</typeparam>
    /// <param name="ask">Begins to ask, and stops when the token is cancelled. Its continuations must not need this thread.</param>
    /// <exception cref="Exception">The exception that asking failed with, or with which the job was given up.</exception>
    public static T Await<T>(Func<CancellationToken, Task<T>> ask)
    {
        using OutsideAnswer<T> answer = Begin(ask);
        return answer.Take();
    }
}
