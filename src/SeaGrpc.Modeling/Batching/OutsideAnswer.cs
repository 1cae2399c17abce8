namespace SeaGrpc.Modeling.Batching;

/// <summary>An answer from outside the process that has been asked for. Used by one job. Disposing it stops asking.</summary>
/// <typeparam name="T">Type of the answer.</typeparam>
public sealed class OutsideAnswer<T> : IDisposable
{
    private readonly OutsideRequest<T> _request;

    internal OutsideAnswer(OutsideRequest<T> request) => _request = request;

    /// <summary>
    /// Waits for the answer. On a job's lane, other jobs run meanwhile, and the wait ends if the job is given up. Elsewhere the thread
    /// blocks.
    /// </summary>
    /// <exception cref="Exception">The exception that asking failed with, or with which the job was given up.</exception>
    public T Take() => JobLane.Current is { } lane ? lane.Await(_request) : _request.Take();

    /// <inheritdoc/>
    public void Dispose() => _request.Stop();
}
