using SeaGrpc.Alignment;
using SeaGrpc.Serving.Requests;

namespace SeaGrpc.Serving.Jobs;

/// <summary>
/// A place in the engine, taken before the costly preparation of a request. Submit once, or dispose it to give it back;
/// disposing after a submission does nothing.
/// </summary>
public sealed class JobSlot : IDisposable
{
    private readonly AlignmentEngine _engine;
    private int _used;

    internal JobSlot(AlignmentEngine engine, RequestOrigin origin)
    {
        _engine = engine;
        Origin = origin;
    }

    /// <summary>
    /// The finished request with the same key, or null. Where it is set there is nothing to prepare or submit, and the slot
    /// holds no place.
    /// </summary>
    public AlignmentJob? Replay { get; internal init; }

    internal RequestOrigin Origin { get; }

    /// <summary>Set when the request is cancelled by its id between reservation and submission.</summary>
    internal bool IsCancelled { get; set; }

    /// <summary>The submitted alignment.</summary>
    internal AlignmentJob? Job { get; set; }

    /// <summary>Hands over an alignment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one iteration per update.</exception>
    /// <exception cref="Errors.JobTooLargeException">It needs more memory than there is for all.</exception>
    /// <exception cref="Errors.TooLittleTimeException">It leaves less time than its prompt and draft take to read.</exception>
    /// <exception cref="Errors.EngineUnavailableException">The engine began to shut down meanwhile.</exception>
    /// <exception cref="InvalidOperationException">The slot is used, disposed or a replay.</exception>
    public AlignmentJob Submit(AlignmentTask task, JobLimits? limits = null, JobUpdateOptions? updates = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        updates ??= JobUpdateOptions.All;
        ArgumentOutOfRangeException.ThrowIfLessThan(updates.EveryNIterations, 1, nameof(updates));
        Use();
        return _engine.Submit(this, task, limits ?? JobLimits.None, updates);
    }

    /// <summary>Hands over pairs to score; they run in batches beside the running alignments.</summary>
    /// <param name="pairs">Prompts and response ids, EOS excluded.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="limits">How long it may take; there are no partial scores.</param>
    /// <param name="mixtureWeights">Each reward's mixture weight in r, in the models' order; null is 1 for each.</param>
    /// <param name="cancellationToken">Drops the request, waiting or running.</param>
    /// <returns>One score per pair, in order. Fails as <see cref="AlignmentJob.ReadAsync"/> does.</returns>
    /// <exception cref="Errors.JobTooLargeException">They need more memory than there is for all.</exception>
    /// <exception cref="Errors.EngineUnavailableException">The engine began to shut down meanwhile.</exception>
    /// <exception cref="InvalidOperationException">The slot is used, disposed or a replay.</exception>
    public Task<IReadOnlyList<ScoredResponse>> SubmitScore(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        double rewardWeight,
        JobLimits? limits = null,
        IReadOnlyList<double>? mixtureWeights = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        Use();
        return _engine.SubmitScore(this, pairs, rewardWeight, mixtureWeights, limits ?? JobLimits.None, cancellationToken);
    }

    /// <summary>Gives the place back unless something was submitted.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _used, 1) == 0 && Replay is null)
        {
            _engine.Release(this);
        }
    }

    private void Use()
    {
        if (Replay is not null || Interlocked.Exchange(ref _used, 1) != 0)
        {
            throw new InvalidOperationException("A slot takes one submission, and none after it was disposed or where it holds a replay.");
        }
    }
}
