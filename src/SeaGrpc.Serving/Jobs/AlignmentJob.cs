using System.Runtime.CompilerServices;
using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Jobs;

/// <summary>A caller's hold on one alignment: its updates, its end, and the ways to end it early. Thread-safe; one reader.</summary>
public sealed class AlignmentJob
{
    private readonly TaskCompletionSource<JobFinished> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal AlignmentJob(string id, string caller, string? requestId)
    {
        Id = id;
        Caller = caller;
        RequestId = requestId;
    }

    /// <summary>The alignment's id, unique in this process.</summary>
    public string Id { get; }

    /// <summary>The caller's idempotency key, or null.</summary>
    public string? RequestId { get; }

    /// <summary>Whether the updates are those of an earlier request with the same key: its draft and its end.</summary>
    public bool IsReplay { get; internal init; }

    /// <summary>The end of the job; fails as <see cref="ReadAsync"/> does. The run's tensors are free before it completes,
    /// except after <see cref="Abandon"/>, when a drain's budget ends or when time is up: then within one piece of work.</summary>
    public Task<JobFinished> Completion => _completion.Task;

    internal string Caller { get; }

    internal JobUpdateChannel Updates { get; } = new();

    internal IJobWork? Work { get; set; }

    /// <summary>
    /// The next update, or null after the last, in this order: <see cref="JobQueued"/>?, <see cref="JobStarted"/>,
    /// <see cref="DraftUpdate"/>, <see cref="IterationUpdate"/>*, <see cref="JobFinished"/>. Where the reader falls behind, the iterations
    /// that wait are replaced by the newest. A cancelled read takes nothing and leaves the job running.
    /// </summary>
    /// <exception cref="Errors.QueueTimeoutException">The job never started, and has no draft.</exception>
    /// <exception cref="Errors.AlignmentDeadlineException">Time was up before anything was scored, and the job has no draft.</exception>
    /// <exception cref="Errors.AlignmentCancelledException">The job was cancelled before it had a response, or abandoned.</exception>
    /// <exception cref="Errors.EngineUnavailableException">The engine is shutting down, or the device was lost.</exception>
    /// <exception cref="Errors.DeviceMemoryException">No memory for this job.</exception>
    /// <exception cref="Alignment.NumericFailureException">A non-finite energy or gradient.</exception>
    public ValueTask<AlignmentUpdate?> ReadAsync(CancellationToken cancellationToken = default) => Updates.ReadAsync(cancellationToken);

    /// <summary>All updates until the end; fails as <see cref="ReadAsync"/> does.</summary>
    public async IAsyncEnumerable<AlignmentUpdate> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await Updates.ReadAsync(cancellationToken).ConfigureAwait(false) is { } next)
        {
            yield return next;
        }
    }

    /// <summary>
    /// Ends the job within one piece of work: with the best so far and <see cref="Alignment.StopReason.Cancelled"/> where
    /// there is one, else by <see cref="Errors.AlignmentCancelledException"/>. A waiting job ends at once and never starts; its best is its
    /// caller's draft.
    /// </summary>
    /// <returns>Whether the job was still waiting or running. Calling again has no further effect.</returns>
    public bool Cancel() => Work?.RequestCancel() ?? false;

    /// <summary>The caller has gone: the job ends at once without an answer, and the device is free within one piece of work.</summary>
    /// <returns>Whether the job was still waiting or running.</returns>
    public bool Abandon() => Work?.TryFail(new Errors.AlignmentCancelledException()) ?? false;

    internal void Finish(JobFinished finished)
    {
        Updates.Post(finished);
        Updates.Close();
        _completion.TrySetResult(finished);
    }

    internal void Fail(Exception failure)
    {
        Updates.Close(failure);
        _completion.TrySetException(failure);
        _ = _completion.Task.Exception; // The reader sees the failure; nobody needs to await the task as well.
    }
}
