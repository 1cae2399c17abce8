using System.Runtime.CompilerServices;
using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Jobs;

/// <summary>
/// One alignment as its caller sees it: its updates, its end, and how to end it early. Thread-safe, but for a single reader.
/// </summary>
public sealed class AlignmentJob
{
    private readonly TaskCompletionSource<JobFinished> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _tokensRead;

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

    /// <summary>Whether this replays an earlier request with the same key: its draft and its end.</summary>
    public bool IsReplay { get; internal init; }

    /// <summary>
    /// The end of the job. Fails like <see cref="ReadAsync"/>. The run's tensors are freed before it completes. After
    /// <see cref="Abandon"/>, at the end of a drain's budget, and when time is up, they are freed within one unit of work instead.
    /// </summary>
    public Task<JobFinished> Completion => _completion.Task;

    /// <summary>
    /// Token positions that the models have read for the job, as its outcome's cost counts them. While it runs, up to its last finished
    /// unit of work; before its first response, those of the prompt. 0 for a replay, and before it starts.
    /// </summary>
    public long TokensRead
    {
        get => Volatile.Read(ref _tokensRead);
        internal set => Volatile.Write(ref _tokensRead, value);
    }

    internal string Caller { get; }

    internal JobUpdateChannel Updates { get; } = new();

    internal IJobWork? Work { get; set; }

    /// <summary>
    /// The next update, or null after the last, in this order: <see cref="JobQueued"/>?, <see cref="JobStarted"/>,
    /// <see cref="DraftUpdate"/>, <see cref="IterationUpdate"/>*, <see cref="JobFinished"/>. If the reader falls behind, the newest
    /// iteration replaces the ones that wait. A cancelled read takes no update and leaves the job running.
    /// </summary>
    /// <exception cref="Errors.QueueTimeoutException">The job never started, and has no draft.</exception>
    /// <exception cref="Errors.AlignmentDeadlineException">
    /// Time was up before any response was scored, and the job has no draft.
    /// </exception>
    /// <exception cref="Errors.AlignmentCancelledException">The job was cancelled before it had a response, or abandoned.</exception>
    /// <exception cref="Errors.EngineUnavailableException">The engine is shutting down, or the device was lost.</exception>
    /// <exception cref="Errors.DeviceMemoryException">There is no memory for this job.</exception>
    /// <exception cref="Alignment.NumericFailureException">An energy or gradient is not finite.</exception>
    /// <exception cref="Alignment.Rewards.RewardFailedException">
    /// A reward outside the process failed before any response was scored.
    /// </exception>
    public ValueTask<AlignmentUpdate?> ReadAsync(CancellationToken cancellationToken = default) => Updates.ReadAsync(cancellationToken);

    /// <summary>All updates until the end. Fails like <see cref="ReadAsync"/>.</summary>
    public async IAsyncEnumerable<AlignmentUpdate> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await Updates.ReadAsync(cancellationToken).ConfigureAwait(false) is { } next)
        {
            yield return next;
        }
    }

    /// <summary>
    /// Ends the job within one unit of work: with the best response so far and <see cref="Alignment.StopReason.Cancelled"/>, or with
    /// <see cref="Errors.AlignmentCancelledException"/> if there is none. A waiting job ends at once and never starts; its best response is
    /// its caller's draft.
    /// </summary>
    /// <returns>Whether the job was still waiting or running. Calling again has no further effect.</returns>
    public bool Cancel() => Work?.RequestCancel() ?? false;

    /// <summary>
    /// Reports that the caller has disconnected. The job ends at once without an answer, and frees the device within one unit of work.
    /// </summary>
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
