using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>One alignment on the model thread. Drives its run, posts its updates, and decides when and why it ends.</summary>
internal sealed class ScheduledAlignment(
    EngineContext context,
    JobClock clock,
    AlignmentJob job,
    Requests.RequestOrigin origin,
    AlignmentTask task,
    JobUpdateOptions updates,
    long memoryBytes
) : ScheduledJob(context, clock, origin.Caller), IJobWork
{
    private readonly UpdateThrottle _throttle = new(updates);
    private readonly Lock _telling = new();
    private volatile bool _cancelRequested;
    private volatile AlignmentOutcome? _best = task.Draft is { } draft ? AlignmentOutcome.OfUnscored(draft, task.Stops) : null;
    private IAlignmentRun? _run;
    private TimeSpan _computing;
    private bool _startTold;
    private DraftUpdate? _draft;
    private StopReason? _failed;
    private bool _hasAnswered;

    public override long MemoryBytes => memoryBytes;

    public override int UnreadTokens =>
        _best is { Response.IsScored: false } unread ? task.Prompt.Policy.Count + unread.Response.Tokens.Count : 0;

    /// <summary>Ends it at once if it waits, otherwise within one unit of work.</summary>
    /// <returns>Whether it was waiting or running.</returns>
    public bool RequestCancel()
    {
        _cancelRequested = true;
        return TryDrop(StopReason.Cancelled, new AlignmentCancelledException()) || !IsSettled;
    }

    protected override string Phase => "draft";

    protected override MethodParameters? Method => task.Method;

    protected override bool HasAnswer => _best is not null;

    /// <summary>Whether the best response is whole, and as good as the caller wants it.</summary>
    private bool IsSufficient => task.SufficientReward is { } sufficient
        && _best is { Response: { IsScored: true } response }
        && (response.EndsWithEos || response.Tokens.Count >= task.MaxResponseTokens)
        && response.Reward >= sufficient;

    protected override void OnQueued(int position) => job.Updates.Post(new JobQueued(position));

    public override void Start(IAlignmentBackend backend)
    {
        lock (_telling)
        {
            TellStart();
        }

        job.TokensRead = task.Prompt.Policy.Count
            + task.Prompt.Rewards.Sum(reward => (long)reward.Prefix.Count + reward.Suffix.Count);
        _run = backend.Start(task);
    }

    public override void ScoreDraft(IAlignmentBackend backend)
    {
        int tokens = UnreadTokens;
        long begun = Context.Time.GetTimestamp();
        ScoredResponse scored = backend.Score(
            [(task.Prompt, task.Draft!)], task.Method.RewardWeight, task.MixtureWeights, task.Method.ReferenceTemperature)[0];
        scored = task.Stops?.Marked(scored) ?? scored;
        TimeSpan turn = Context.Time.GetElapsedTime(begun);
        _computing += turn;
        Context.ReadingPace.Add(tokens, turn);
        _best = _best! with { Response = scored, Draft = scored };
    }

    public override void Advance()
    {
        long begun = Context.Time.GetTimestamp();
        AlignmentUpdate? update = AdvanceRun();
        TimeSpan turn = Context.Time.GetElapsedTime(begun);
        _computing += turn;
        Clock.EndTurn();
        switch (update)
        {
            case DraftUpdate draft:
                NoteScored(draft.Best);
                Context.Metrics.RecordDraft(task.Method, Clock.Elapsed);
                Spans?.Draft(draft.Best);
                Tell(() => job.Updates.Post(_draft = draft));
                break;
            case IterationUpdate iteration:
                Context.Metrics.RecordIteration(task.Method, turn);
                Spans?.Iterate(iteration);
                if (_throttle.Admits(iteration.Index, Clock.Elapsed))
                {
                    Tell(() => job.Updates.Post(iteration));
                }

                break;
            case ProgressUpdate progress when _throttle.AdmitsProgress(Clock.Elapsed):
                Tell(() => job.Updates.Post(progress));
                break;
        }
    }

    /// <summary>
    /// Checks in this order: (1) the job is already settled; (2) a reward or the policy has failed, and there is an answer; (3) the run is
    /// finished; (4) the caller cancelled; (5) the engine drains and there is an answer; (6) the answer's reward is sufficient; (7) time is
    /// up, or will be before the next turn ends.
    /// </summary>
    public override bool TryEnd(bool draining)
    {
        IAlignmentRun run = _run!;
        if (IsSettled) // (1)
        {
            return true;
        }

        if (_failed is { } failed) // (2)
        {
            _best = _best! with { StopReason = failed };
            return true;
        }

        NoteBest(run);
        StopReason? reason =
            run.IsFinished ? run.FinishReason // (3)
            : _cancelRequested ? StopReason.Cancelled // (4)
            : draining && run.HasResponse ? StopReason.Draining // (5)
            : run.HasResponse && IsSufficient ? StopReason.SufficientReward // (6)
            : run.HasResponse ? Clock.IsNextTurnTooLate ? StopReason.TimeLimit : null // (7)
            : Clock.IsOver ? StopReason.TimeLimit : null;
        if (reason is not { } stop)
        {
            return false;
        }

        if (_best is not { } best)
        {
            NoteFirstAnswer();
            throw stop == StopReason.Cancelled
                ? new AlignmentCancelledException()
                : new AlignmentDeadlineException(Clock.Queued, Clock.Running);
        }

        _best = best with { StopReason = stop };
        return true;
    }

    /// <summary>
    /// Whether it is cancelled, out of time, or drained with an answer. The time left counts only between units of work: see
    /// <see cref="TryEnd"/>.
    /// </summary>
    public override bool IsPointless(bool draining) =>
        IsSettled || _cancelRequested || Clock.IsOver || (draining && _run is { HasResponse: true });

    public override void Release()
    {
        _run?.Dispose();
        _run = null;
    }

    protected override void TellFinished(StopReason? early)
    {
        lock (_telling)
        {
            AlignmentOutcome outcome = early is { } stop ? _best! with { StopReason = stop } : _best!;
            job.TokensRead = Read(outcome);
            var finished = new JobFinished(outcome, Clock.Queued, Clock.Running, _computing);
            if (Clock.HasStarted)
            {
                Context.RunTimes.Add(finished.Running);
            }

            Context.Metrics.RecordCompletion(task, outcome);
            TellStart();
            if (_draft is null && outcome.Draft.IsScored)
            {
                _draft = new DraftUpdate([new ChainSnapshot { Chain = 0, Response = outcome.Draft }], outcome.Draft);
                job.Updates.Post(_draft);
            }

            Context.Requests.Finish(job.Id, origin, _draft, finished);
            job.Finish(finished);
        }
    }

    protected override void TellFailed(Exception failure)
    {
        Context.Requests.Forget(job.Id, origin);
        job.Fail(failure);
    }

    /// <summary>
    /// Does the run's unit of work. If a reward or the policy fails, the run ends with the answer from before this unit of work.
    /// </summary>
    /// <exception cref="RewardFailedException">A reward has failed, and no answer is scored yet.</exception>
    /// <exception cref="PolicyFailedException">The policy has failed, and no answer is scored yet.</exception>
    private AlignmentUpdate? AdvanceRun()
    {
        try
        {
            return _run!.Advance();
        }
        catch (Exception failure)
            when (failure is RewardFailedException or PolicyFailedException && _best is { Response.IsScored: true })
        {
            _failed = failure is RewardFailedException ? StopReason.RewardFailed : StopReason.PolicyFailed;
            using CallCorrelation correlation = Correlate();
            Context.Logger.EndedEarly(job.Id, failure.Message);
            return null;
        }
    }

    /// <summary>
    /// Gives a caller's draft its figures before they are sent, in case time runs out before the next check: no answer is unscored after
    /// an event that scored it.
    /// </summary>
    private void NoteScored(ScoredResponse draft)
    {
        if (!IsSettled && UnreadTokens is > 0 and var read)
        {
            Context.ReadingPace.Add(read, _computing);
            _best = _best! with { Response = draft, Draft = draft };
        }
    }

    /// <summary>Records how long the first answer took, or how long it did not come.</summary>
    private void NoteFirstAnswer()
    {
        if (!_hasAnswered)
        {
            _hasAnswered = true;
            Context.FirstAnswerSeconds.Add(Clock.Running.TotalSeconds);
        }
    }

    /// <summary>Stores the answer to give if time runs out in the middle of the next unit of work.</summary>
    private void NoteBest(IAlignmentRun run)
    {
        if (run.HasResponse)
        {
            NoteFirstAnswer();
            _best = run.Complete(run.IsFinished ? run.FinishReason : StopReason.TimeLimit);
            job.TokensRead = Read(_best);
        }
    }

    /// <summary>Sends the caller an update of a running job. Sends nothing after the end has been sent.</summary>
    private void Tell(Action tell)
    {
        lock (_telling)
        {
            if (!IsSettled)
            {
                tell();
            }
        }
    }

    private static long Read(AlignmentOutcome outcome) => outcome.Cost.PolicyTokens + outcome.Cost.RewardTokens;

    private void TellStart()
    {
        if (!_startTold)
        {
            _startTold = true;
            job.Updates.Post(new JobStarted(Clock.Queued));
        }
    }
}
