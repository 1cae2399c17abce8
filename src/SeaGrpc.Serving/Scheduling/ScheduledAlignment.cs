using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>One alignment on the model thread: drives its run, posts its events, and decides when and why it ends.</summary>
internal sealed class ScheduledAlignment(
    EngineContext context, JobClock clock, AlignmentJob job, Requests.RequestOrigin origin, AlignmentTask task, JobUpdateOptions updates, long memoryBytes)
    : ScheduledJob(context, clock)
{
    private readonly UpdateThrottle _throttle = new(updates);
    private volatile bool _cancelRequested;
    private IAlignmentRun? _run;
    private TimeSpan _computing;
    private JobDraft? _draft;
    private JobFinished? _finished;

    public override long MemoryBytes => memoryBytes;

    /// <summary>Ends it soon: at once while it waits, else within one piece of work.</summary>
    /// <returns>Whether it was waiting or running.</returns>
    public bool RequestCancel()
    {
        _cancelRequested = true;
        return TryDrop(new AlignmentCancelledException()) || !IsSettled;
    }

    protected override void OnQueued(int position) => job.Events.Post(new JobQueued(position));

    public override void Start(IAlignmentBackend backend)
    {
        job.Events.Post(new JobStarted(Clock.Queued));
        _run = backend.Start(task);
    }

    public override void Advance()
    {
        long begun = Context.Time.GetTimestamp();
        AlignmentUpdate? update = _run!.Advance();
        TimeSpan turn = Context.Time.GetElapsedTime(begun);
        _computing += turn;
        Clock.EndTurn();
        switch (update)
        {
            case DraftUpdate draft:
                _draft = new JobDraft(draft);
                job.Events.Post(_draft);
                break;
            case IterationUpdate iteration:
                Context.Metrics.IterationDuration.Record(turn.TotalSeconds);
                if (_throttle.Admits(iteration.Index, Clock.Elapsed))
                {
                    job.Events.Post(new JobIteration(iteration));
                }

                break;
        }
    }

    /// <summary>
    /// In this order: (1) somebody else has settled it; (2) the run is finished; (3) the caller cancelled; (4) the engine
    /// drains and there is something to answer; (5) time is up, or would be before the next turn ends.
    /// </summary>
    public override bool TryEnd(bool draining)
    {
        IAlignmentRun run = _run!;
        if (IsSettled) // (1)
        {
            return true;
        }

        StopReason? reason =
            run.IsFinished ? run.FinishReason // (2)
            : _cancelRequested ? StopReason.Cancelled // (3)
            : draining && run.HasResponse ? StopReason.Draining // (4)
            : run.HasResponse ? Clock.IsNextTurnTooLate ? StopReason.TimeLimit : null // (5)
            : Clock.IsOver ? StopReason.TimeLimit : null;
        if (reason is not { } stop)
        {
            return false;
        }

        if (!run.IsFinished && !run.HasResponse)
        {
            throw stop == StopReason.Cancelled
                ? new AlignmentCancelledException()
                : new AlignmentDeadlineException(Clock.Queued, Clock.Running);
        }

        _finished = new JobFinished(run.Complete(stop), Clock.Queued, Clock.Running, _computing);
        return true;
    }

    public override void Release()
    {
        _run?.Dispose();
        _run = null;
    }

    protected override void TellFinished()
    {
        JobFinished finished = _finished!;
        Context.RunTimes.Add(finished.Running);
        Context.Metrics.CountCompletion(finished.Outcome.StopReason);
        Context.Requests.Finish(job.Id, origin, _draft, finished);
        job.Finish(finished);
    }

    protected override void TellFailed(Exception failure)
    {
        Context.Requests.Forget(job.Id, origin);
        job.Fail(failure);
    }
}
