using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Requests;
using SeaGrpc.Serving.Scheduling;

namespace SeaGrpc.Serving;

/// <summary>
/// A place in the engine, taken before the costly preparation of a request. Submit one job, or dispose the slot to give the place back.
/// Disposing it after a submission does nothing.
/// </summary>
public sealed class JobSlot : IDisposable
{
    private readonly EngineContext _context;
    private readonly ModelThread _thread;
    private readonly RequestOrigin _origin;
    private int _used;

    internal JobSlot(EngineContext context, ModelThread thread, RequestOrigin origin, AlignmentJob? replay = null)
    {
        _context = context;
        _thread = thread;
        _origin = origin;
        Replay = replay;
    }

    /// <summary>
    /// The finished request with the same key, or null. If it is set, there is nothing to prepare or submit, and the slot holds no place.
    /// </summary>
    public AlignmentJob? Replay { get; }

    /// <summary>Submits an alignment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one iteration per update.</exception>
    /// <exception cref="Errors.JobTooLargeException">It needs more memory than all jobs together may have.</exception>
    /// <exception cref="Errors.TooLittleTimeException">It leaves less time than it takes to read its prompt and draft.</exception>
    /// <exception cref="Errors.QueueTooLongException">Its deadline will probably pass before it has any answer.</exception>
    /// <exception cref="Errors.EngineUnavailableException">The engine has begun to shut down.</exception>
    /// <exception cref="InvalidOperationException">The slot is used or disposed, or holds a replay.</exception>
    public AlignmentJob Submit(AlignmentTask task, JobLimits? limits = null, JobUpdateOptions? updates = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        updates ??= JobUpdateOptions.All;
        ArgumentOutOfRangeException.ThrowIfLessThan(updates.EveryNIterations, 1, nameof(updates));
        Use();
        TaskMemory memory = Fitting(_thread.Backend.MemoryOf(task));
        var clock = new JobClock(limits ?? JobLimits.None, _context.Options, _context.Time);
        if ((TooLittleTime(task, clock) ?? TooLongQueue(task, clock)) is { } refusal)
        {
            Release();
            throw refusal;
        }

        var job = new AlignmentJob(Guid.NewGuid().ToString("N"), _origin.Caller, _origin.Key?.Id);
        var work = new ScheduledAlignment(_context, clock, job, _origin, task, updates, memory.Total);
        job.Work = work;
        if (_context.Requests.Begin(job, _origin))
        {
            job.Cancel();
        }

        Enqueue(work, job.Id);
        return job;
    }

    /// <summary>Submits pairs to score. They run in batches between the turns of running alignments.</summary>
    /// <param name="pairs">Prompts and response ids, EOS excluded.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="limits">How long it may take; there are no partial scores.</param>
    /// <param name="mixtureWeights">Each reward's mixture weight in r, in the models' order; null is 1 for each.</param>
    /// <param name="cancellationToken">Drops the request, waiting or running.</param>
    /// <returns>One score per pair, in order. Fails as <see cref="AlignmentJob.ReadAsync"/> does.</returns>
    /// <exception cref="Errors.JobTooLargeException">They need more memory than all jobs together may have.</exception>
    /// <exception cref="Errors.EngineUnavailableException">The engine has begun to shut down.</exception>
    /// <exception cref="InvalidOperationException">The slot is used or disposed, or holds a replay.</exception>
    public Task<IReadOnlyList<ScoredResponse>> SubmitScore(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        double rewardWeight,
        JobLimits? limits = null,
        IReadOnlyList<double>? mixtureWeights = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        Use();
        TaskMemory memory = Fitting(_thread.Backend.MemoryOf(pairs, _context.Options.ScoreBatchSize));
        var work = new ScheduledScore(
            _context, new JobClock(limits ?? JobLimits.None, _context.Options, _context.Time), _origin, pairs, rewardWeight, mixtureWeights,
            memory.Total);
        Enqueue(work, null);
        CancellationTokenRegistration registration = cancellationToken.Register(() => work.TryFail(new AlignmentCancelledException()));
        _ = work.Ended.ContinueWith(_ => registration.Dispose(), TaskScheduler.Default);
        return work.Completion;
    }

    /// <summary>Submits a response that the policy reads token by token, and the rewards if their gradient is asked for.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids of the response, with EOS if it ends with one; at least one.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position.</param>
    /// <param name="referenceTemperature">Temperature of pi_ref; above 0.</param>
    /// <param name="gradientOf">Mixture weights of the rewards whose gradient's norms are told; null for none.</param>
    /// <param name="limits">How long it may take.</param>
    /// <param name="cancellationToken">Drops the request, waiting or running.</param>
    /// <returns>What was read. Fails as <see cref="AlignmentJob.ReadAsync"/> does.</returns>
    /// <exception cref="Errors.EngineUnavailableException">The engine has begun to shut down.</exception>
    /// <exception cref="InvalidOperationException">The slot is used or disposed, or holds a replay.</exception>
    public Task<ReadTokens> SubmitReading(
        EncodedPrompt prompt,
        IReadOnlyList<int> response,
        int alternatives,
        double referenceTemperature,
        IReadOnlyList<double>? gradientOf = null,
        JobLimits? limits = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(response);
        Use();
        TaskMemory memory = Fitting(_thread.Backend.MemoryOfReading(prompt, response, gradientOf));
        var work = new ScheduledReading(
            _context, new JobClock(limits ?? JobLimits.None, _context.Options, _context.Time), _origin, prompt, response, alternatives,
            referenceTemperature, gradientOf, memory.Total);
        Enqueue(work, null);
        CancellationTokenRegistration registration = cancellationToken.Register(() => work.TryFail(new AlignmentCancelledException()));
        _ = work.Ended.ContinueWith(_ => registration.Dispose(), TaskScheduler.Default);
        return work.Completion;
    }

    /// <summary>Gives the place back unless a job was submitted.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _used, 1) == 0 && Replay is null)
        {
            Release();
        }
    }

    private void Use()
    {
        if (Replay is not null || Interlocked.Exchange(ref _used, 1) != 0)
        {
            throw new InvalidOperationException("A slot accepts one submission, and none once it is disposed or holds a replay.");
        }
    }

    private void Release()
    {
        _context.Requests.Forget(null, _origin);
        _context.Admission.Release();
    }

    /// <summary>
    /// The refusal of a job that has too little time to read its prompt and draft, even at the fastest recent pace; or null.
    /// </summary>
    private Exception? TooLittleTime(AlignmentTask task, JobClock clock)
    {
        TimeSpan left = clock.Left;
        if (left <= TimeSpan.Zero || left == TimeSpan.MaxValue)
        {
            return null;
        }

        long ahead = clock.HasDeadline ? _context.Admission.UnreadBefore(clock.Due) : 0;
        int tokens = task.Prompt.Policy.Count + (task.Draft?.Count ?? 0);
        return _context.ReadingPace.LeastOf(tokens) is { } own
            && _context.ReadingPace.LeastOf(ahead) is { } others
            && own + others > left
            ? new TooLittleTimeException(own, others, left, tokens)
            : null;
    }

    /// <summary>
    /// The refusal of a job that would probably be late because of those ahead of it, and has no draft to answer with; or null.
    /// </summary>
    private QueueTooLongException? TooLongQueue(AlignmentTask task, JobClock clock) =>
        task.Draft is null
        && clock.HasDeadline
        && _context.Admission.Ahead(clock.Rank, _origin.Caller, clock.Priority) is > 0 and var ahead
        && _context.RunTimes.Interval is { } interval
        && _context.FirstAnswerSeconds.NineInTen is { } answer
        && (ahead * interval) + TimeSpan.FromSeconds(answer) > clock.Left
            ? new QueueTooLongException(ahead * interval, TimeSpan.FromSeconds(answer), clock.Left)
            : null;

    /// <exception cref="JobTooLargeException">The job can never run. Its place is given back.</exception>
    private TaskMemory Fitting(TaskMemory memory)
    {
        long budget = _context.Admission.MemoryBytes;
        if (budget == 0 || memory.Total <= budget)
        {
            return memory;
        }

        Release();
        throw new JobTooLargeException(memory, budget);
    }

    private void Enqueue(ScheduledJob work, string? jobId)
    {
        try
        {
            _context.Admission.Enqueue(work);
        }
        catch
        {
            _context.Requests.Forget(jobId, _origin);
            throw;
        }
    }
}
