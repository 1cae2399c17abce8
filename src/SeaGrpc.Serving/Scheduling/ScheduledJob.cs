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

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _patience;
    private int _state;
    private bool _isToldQueued;

    /// <summary>Memory that it needs beside the weights, in bytes.</summary>
    public virtual long MemoryBytes => 0;

    /// <summary>Where it stands in the queue: who has the lowest goes first.</summary>
    public TimeSpan Rank => Clock.Rank;

    /// <summary>Whether its caller has been told the end.</summary>
    public bool IsSettled => Volatile.Read(ref _state) == Settled;

    /// <summary>Completes when the caller has been told the end; never fails.</summary>
    public Task Ended => _ended.Task;

    protected EngineContext Context { get; } = context;

    protected JobClock Clock { get; } = clock;

    /// <summary>Starts the time that the job may wait. Called once, by the queue under its lock.</summary>
    public void BeginPatience() =>
        _patience = Context.Time.CreateTimer(
            static job => ((ScheduledJob)job!).OnPatienceEnded(), this, Clock.Patience, Timeout.InfiniteTimeSpan);

    /// <summary>Says once that it has to wait at this place; 1 is the next to start. Called by the queue under its lock, before any thread can start it.</summary>
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

    /// <summary>Ends it by a failure while it waits; false once it runs or is settled.</summary>
    public bool TryDrop(Exception failure)
    {
        if (Interlocked.CompareExchange(ref _state, Settled, Waiting) != Waiting)
        {
            return false;
        }

        LeaveQueue();
        Settle(failure);
        return true;
    }

    /// <summary>Ends it by a failure, waiting or running; false where it is settled.</summary>
    public bool TryFail(Exception failure)
    {
        int before = Interlocked.Exchange(ref _state, Settled);
        if (before == Settled)
        {
            return false;
        }

        if (before == Waiting)
        {
            LeaveQueue();
        }

        Settle(failure);
        return true;
    }

    /// <summary>
    /// Tells the caller of the end that <see cref="TryEnd"/> found. After <see cref="Release"/>: the device is free by then.
    /// </summary>
    public void Finish()
    {
        if (Interlocked.Exchange(ref _state, Settled) != Settled)
        {
            TellFinished();
            _ended.SetResult();
        }
    }

    /// <summary>Model thread: makes ready to advance.</summary>
    public abstract void Start(IAlignmentBackend backend);

    /// <summary>Model thread, or the job's lane: one piece of work.</summary>
    public abstract void Advance();

    /// <summary>Model thread: whether it is to end now; if so, its answer is ready for <see cref="Finish"/>.</summary>
    /// <exception cref="Exception">It ends without an answer, by this failure.</exception>
    public abstract bool TryEnd(bool draining);

    /// <summary>Model thread: disposes what it holds. Called once, after <see cref="Start"/> or its failure.</summary>
    public abstract void Release();

    /// <summary>Tells the caller that it has to wait at this place.</summary>
    protected virtual void OnQueued(int position)
    {
    }

    /// <summary>Tells the caller of the answer.</summary>
    protected abstract void TellFinished();

    /// <summary>Tells the caller of a failure.</summary>
    protected abstract void TellFailed(Exception failure);

    private void OnPatienceEnded() => TryDrop(Clock.IsDeadlineFirst
        ? new Errors.AlignmentDeadlineException(Clock.Elapsed, TimeSpan.Zero)
        : new Errors.QueueTimeoutException(Clock.Patience, Context.RunTimes.RetryAfter));

    private void LeaveQueue()
    {
        Context.Admission.Remove(this); // First: from here on the timer is set, or never will be.
        _patience?.Dispose();
    }

    private void Settle(Exception failure)
    {
        Context.Metrics.CountFailure(failure);
        TellFailed(failure);
        _ended.SetResult();
    }
}
