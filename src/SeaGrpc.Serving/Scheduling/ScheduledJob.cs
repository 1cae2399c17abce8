using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// Something that waits for the model thread and then runs on it piece by piece. It is waiting, running or settled; it is
/// settled once, by whoever comes first, on any thread. Its tensors are made and freed by the model thread, or by its own lane
/// while the model thread waits for it, whatever its state.
/// </summary>
internal abstract class ScheduledJob(EngineContext context, JobClock clock)
{
    private const int Waiting = 0;
    private const int Running = 1;
    private const int Settled = 2;

    /// <summary>Timers do not reach much further than a month.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _patience;
    private int _state;
    private bool _isToldQueued;

    /// <summary>Memory that it needs beside the weights, in bytes.</summary>
    public virtual long MemoryBytes => 0;

    /// <summary>Where it stands in the queue: who has the lowest goes first.</summary>
    public TimeSpan Rank => Clock.Rank;

    /// <summary>
    /// Token positions that the models read before it has anything to answer with but an unscored draft; 0 if that is behind it,
    /// or where it has no draft.
    /// </summary>
    public virtual int UnreadTokens => 0;

    /// <summary>Its deadline less the margin on the clock that all jobs share; the lowest is the most urgent.</summary>
    public TimeSpan Due => Clock.Due;

    /// <summary>Whether it has a draft to score while it has the time.</summary>
    public bool IsPressed => UnreadTokens > 0 && Clock.HasDeadline && !IsSettled;

    /// <summary>How long it may still take, or could if it started now.</summary>
    public TimeSpan Left => Clock.Left;

    /// <summary>Whether its caller has been told the end.</summary>
    public bool IsSettled => Volatile.Read(ref _state) == Settled;

    /// <summary>Completes when the caller has been told the end; never fails.</summary>
    public Task Ended => _ended.Task;

    protected EngineContext Context { get; } = context;

    protected JobClock Clock { get; } = clock;

    /// <summary>Whether it has something to answer with, were it to end now.</summary>
    protected virtual bool HasAnswer => false;

    /// <summary>Starts the time that the job may wait. Called once, by the queue under its lock.</summary>
    public void BeginPatience() =>
        _patience = Context.Time.CreateTimer(
            static job => ((ScheduledJob)job!).OnPatienceEnded(), this, Clock.Patience, Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Says once that it has to wait at this place; 1 is the next to start. Called by the queue under its lock, before any thread can start
    /// it.
    /// </summary>
    public void TellQueued(int position)
    {
        if (!_isToldQueued)
        {
            _isToldQueued = true;
            OnQueued(position);
        }
    }

    /// <summary>From waiting to running; false where it has been dropped.</summary>
    public bool TryStart()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Waiting) != Waiting)
        {
            return false;
        }

        _patience?.Dispose();
        Context.Metrics.QueueWait.Record(Clock.Start().TotalSeconds);
        return true;
    }

    /// <summary>
    /// From its start on, lets it end in time with the answer that it has, though a piece of work takes longer. Model thread, once
    /// it runs.
    /// </summary>
    public void BeginRun()
    {
        TimeSpan left = Clock.Left;
        if (left < Longest)
        {
            _patience = Context.Time.CreateTimer(
                static job => ((ScheduledJob)job!).OnTimeUp(), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            if (IsSettled)
            {
                _patience.Dispose();
            }
        }
    }

    /// <summary>Ends it while it waits, with what it has to answer with, else by a failure; false once it runs or is settled.</summary>
    public bool TryDrop(StopReason stop, Exception failure)
    {
        if (Interlocked.CompareExchange(ref _state, Settled, Waiting) != Waiting)
        {
            return false;
        }

        LeaveQueue();
        Settle(stop, failure);
        return true;
    }

    /// <summary>
    /// Ends it, waiting or running, with what it has to answer with, else by a failure; false where it is settled. The device is free
    /// within one piece of work.
    /// </summary>
    public bool TryCut(StopReason stop, Exception failure)
    {
        if (!TrySettle())
        {
            return false;
        }

        Settle(stop, failure);
        return true;
    }

    /// <summary>Ends it by a failure, waiting or running; false where it is settled.</summary>
    public bool TryFail(Exception failure)
    {
        if (!TrySettle())
        {
            return false;
        }

        Settle(failure);
        return true;
    }

    /// <summary>
    /// Tells the caller of the end that <see cref="TryEnd"/> found, after <see cref="Release"/>: the device is free by then.
    /// </summary>
    public void Finish()
    {
        if (TrySettle())
        {
            Settle(stop: null);
        }
    }

    /// <summary>Model thread: scores the draft of a job that waits, so that it has an answer when its time is up.</summary>
    public virtual void ScoreDraft(IAlignmentBackend backend)
    {
    }

    /// <summary>Model thread: makes ready to advance.</summary>
    public abstract void Start(IAlignmentBackend backend);

    /// <summary>Model thread, or the job's lane: one piece of work.</summary>
    public abstract void Advance();

    /// <summary>
    /// Model thread, or the job's lane: whether a piece of work that is under way is of no use any more, because the job ends, with what it
    /// has or without an answer.
    /// </summary>
    public virtual bool IsPointless(bool draining) => IsSettled;

    /// <summary>Model thread: whether it is to end now; if so, its answer is ready for <see cref="Finish"/>.</summary>
    /// <exception cref="Exception">It ends without an answer, by this failure.</exception>
    public abstract bool TryEnd(bool draining);

    /// <summary>Model thread: disposes what it holds. Called once, after <see cref="Start"/> or its failure.</summary>
    public abstract void Release();

    /// <summary>Tells the caller its place in the queue.</summary>
    protected virtual void OnQueued(int position)
    {
    }

    /// <summary>Sends the caller the answer.</summary>
    /// <param name="early">Why it ends where <see cref="TryEnd"/> has not found that; else null.</param>
    protected abstract void TellFinished(StopReason? early);

    /// <summary>Sends the caller a failure.</summary>
    protected abstract void TellFailed(Exception failure);

    private void OnTimeUp()
    {
        if (HasAnswer && TrySettle())
        {
            Settle(StopReason.TimeLimit);
        }
    }

    private void OnPatienceEnded() => TryDrop(
        StopReason.TimeLimit,
        Clock.IsDeadlineFirst
            ? new Errors.AlignmentDeadlineException(Clock.Elapsed, TimeSpan.Zero)
            : new Errors.QueueTimeoutException(Clock.Patience, Context.RunTimes.RetryAfter));

    private bool TrySettle()
    {
        int before = Interlocked.Exchange(ref _state, Settled);
        if (before == Waiting)
        {
            LeaveQueue();
        }

        return before != Settled;
    }

    private void LeaveQueue()
    {
        Context.Admission.Remove(this); // First: from here on the timer is set, or never will be.
    }

    private void Settle(StopReason stop, Exception failure)
    {
        if (HasAnswer)
        {
            Settle(stop);
        }
        else
        {
            Settle(failure);
        }
    }

    private void Settle(StopReason? stop)
    {
        _patience?.Dispose();
        TellFinished(stop);
        _ended.SetResult();
    }

    private void Settle(Exception failure)
    {
        _patience?.Dispose();
        Context.Metrics.CountFailure(failure);
        TellFailed(failure);
        _ended.SetResult();
    }
}
