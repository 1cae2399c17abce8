using System.Diagnostics;
using SeaGrpc.Alignment;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// A job that waits for the model thread and then runs on it in units of work. It is waiting, running or settled. It is settled once, by
/// the first to do so, on any thread. In every state, its tensors are created and freed by the model thread, or by its own lane while the
/// model thread waits for it.
/// </summary>
internal abstract class ScheduledJob(EngineContext context, JobClock clock, string caller)
{
    private const int Waiting = 0;
    private const int Running = 1;
    private const int Settled = 2;

    /// <summary>Timers support only a little more than a month.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Activity? _call = Activity.Current;
    private ITimer? _patience;
    private int _state;
    private bool _isToldQueued;

    /// <summary>Memory that it needs in addition to the weights, in bytes.</summary>
    public virtual long MemoryBytes => 0;

    /// <summary>Position in the queue; the lowest goes first. The queue may move it behind its caller's other jobs.</summary>
    public TimeSpan Rank { get; private set; } = clock.Rank;

    /// <summary>Steps of priority ahead in the queue.</summary>
    public int Priority => Clock.Priority;

    /// <summary>Who sent it; empty for callers without a name.</summary>
    public string Caller { get; } = caller;

    /// <summary>
    /// Token positions that the models must read before it has anything but an unscored draft to answer with; 0 after that, or without a
    /// draft.
    /// </summary>
    public virtual int UnreadTokens => 0;

    /// <summary>The deadline less the margin, on a clock that all jobs share. The lowest is the most urgent.</summary>
    public TimeSpan Due => Clock.Due;

    /// <summary>Whether it has a deadline and a draft that is still to be scored.</summary>
    public bool IsPressed => UnreadTokens > 0 && Clock.HasDeadline && !IsSettled;

    /// <summary>Time left. For a waiting job, the time it would have if it started now.</summary>
    public TimeSpan Left => Clock.Left;

    /// <summary>Whether the caller has been sent the end.</summary>
    public bool IsSettled => Volatile.Read(ref _state) == Settled;

    /// <summary>Completes when the caller has been sent the end. Never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What its spans need; null if nobody traces its call.</summary>
    protected JobSpans? Spans { get; } = JobSpans.OfCurrentCall(context.Time);

    /// <summary>The phase between its wait and its end, as a span is called that has no draft.</summary>
    protected abstract string Phase { get; }

    /// <summary>Its method in metrics; null for a Score request.</summary>
    protected virtual MethodParameters? Method => null;

    protected EngineContext Context { get; } = context;

    protected JobClock Clock { get; } = clock;

    /// <summary>Whether it has an answer if it ends now.</summary>
    protected virtual bool HasAnswer => false;

    /// <summary>Starts the queue timeout. The queue calls this once, under its lock.</summary>
    public void BeginPatience() =>
        _patience = Context.Time.CreateTimer(
            static job => ((ScheduledJob)job!).OnPatienceEnded(), this, Clock.Patience, Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Reports, once, that the job has to wait at this position; 1 starts next. The queue calls this under its lock, before any thread can
    /// start the job.
    /// </summary>
    public void TellQueued(int position)
    {
        if (!_isToldQueued)
        {
            _isToldQueued = true;
            OnQueued(position);
        }
    }

    /// <summary>Gives it another rank. The queue calls this once, under its lock, before it queues the job.</summary>
    public void MoveBack(TimeSpan rank) => Rank = rank;

    /// <summary>Moves from waiting to running. False if it has been dropped.</summary>
    public bool TryStart()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Waiting) != Waiting)
        {
            return false;
        }

        _patience?.Dispose();
        Context.Metrics.RecordWait(Clock.Start());
        Spans?.Start();
        return true;
    }

    /// <summary>Makes what this thread logs carry the trace and span ids of the job's call, until the result is disposed.</summary>
    public CallCorrelation Correlate() => CallCorrelation.With(_call);

    /// <summary>
    /// Starts the timer that ends the job in time with the answer it has, even in the middle of a unit of work. Called on the model thread
    /// when the job starts.
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

    /// <summary>Ends a waiting job with its answer, or with a failure if it has none. False if it runs or is settled.</summary>
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
    /// Ends a waiting or running job with its answer, or with a failure if it has none. False if it is settled. It frees the device within
    /// one unit of work.
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

    /// <summary>Ends a waiting or running job with a failure. False if it is settled.</summary>
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
    /// Sends the caller the end that <see cref="TryEnd"/> found. Called after <see cref="Release"/>, when the device is free.
    /// </summary>
    public void Finish()
    {
        if (TrySettle())
        {
            Settle(stop: null);
        }
    }

    /// <summary>Scores the draft of a waiting job, so that it has an answer when its time is up. Model thread.</summary>
    public virtual void ScoreDraft(IAlignmentBackend backend)
    {
    }

    /// <summary>Prepares the job to advance. Model thread.</summary>
    public abstract void Start(IAlignmentBackend backend);

    /// <summary>Does one unit of work. Model thread, or the job's lane.</summary>
    public abstract void Advance();

    /// <summary>
    /// Whether the unit of work under way is no longer of use, because the job ends with its answer so far or without one. Model thread, or
    /// the job's lane.
    /// </summary>
    public virtual bool IsPointless(bool draining) => IsSettled;

    /// <summary>Whether the job ends now; if so, its answer is ready for <see cref="Finish"/>. Model thread.</summary>
    /// <exception cref="Exception">The job ends without an answer, with this failure.</exception>
    public abstract bool TryEnd(bool draining);

    /// <summary>Disposes what the job holds. Called once, after <see cref="Start"/> or its failure. Model thread.</summary>
    public abstract void Release();

    /// <summary>Sends the caller its position in the queue.</summary>
    protected virtual void OnQueued(int position)
    {
    }

    /// <summary>Sends the caller the answer.</summary>
    /// <param name="early">Why it ends, if <see cref="TryEnd"/> did not decide it; otherwise null.</param>
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
        Context.Admission.Remove(this); // First, so that the timer is either set by now or never will be.
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
        Spans?.End(Phase);
        TellFinished(stop);
        _ended.SetResult();
    }

    private void Settle(Exception failure)
    {
        _patience?.Dispose();
        Context.Metrics.CountFailure(Method, failure);
        Spans?.End(Phase, failure);
        TellFailed(failure);
        _ended.SetResult();
    }
}
