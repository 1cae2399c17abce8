using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>One job's times, all counted from its submission on a monotonic clock.</summary>
internal sealed class JobClock
{
    /// <summary>Timers support only a little more than a month.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly long _submitted;
    private readonly TimeSpan _deadline = TimeSpan.MaxValue;
    private readonly TimeSpan _timeLimit;
    private readonly TimeSpan _queueTimeout;
    private TimeSpan? _started;
    private TimeSpan _end;
    private TimeSpan _turnEnded;
    private TimeSpan _lastRound;

    /// <summary>Starts counting now.</summary>
    public JobClock(JobLimits limits, EngineOptions options, TimeProvider time)
    {
        _time = time;
        _submitted = time.GetTimestamp();
        Priority = limits.Priority;
        Rank = time.GetElapsedTime(0, _submitted) - (Priority * options.PriorityStep);
        TimeSpan wait = limits.QueueTimeout ?? options.QueueTimeout;
        _queueTimeout = wait < LongestWait ? wait : LongestWait;
        _timeLimit = limits.TimeLimit ?? TimeSpan.MaxValue;
        if (limits.Deadline is { } deadline)
        {
            TimeSpan left = deadline - time.GetUtcNow();
            TimeSpan margin = left / 4 < options.DeadlineMargin ? left / 4 : options.DeadlineMargin;
            _deadline = left > TimeSpan.Zero ? left - margin : TimeSpan.Zero;
        }
    }

    /// <summary>Steps of priority ahead in the queue.</summary>
    public int Priority { get; }

    /// <summary>Position in the queue, lowest first: the time of submission, less the value of the priority.</summary>
    public TimeSpan Rank { get; }

    /// <summary>Time since submission.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_submitted);

    /// <summary>Time from submission to start; to now if it still waits.</summary>
    public TimeSpan Queued => _started ?? Elapsed;

    /// <summary>Time since the start; 0 if it still waits.</summary>
    public TimeSpan Running => _started is { } started ? Elapsed - started : TimeSpan.Zero;

    /// <summary>Whether the job has started.</summary>
    public bool HasStarted => _started is not null;

    /// <summary>Whether the caller has set a deadline.</summary>
    public bool HasDeadline => _deadline < TimeSpan.MaxValue;

    /// <summary>The deadline less the margin, on a clock that all jobs share. The lowest is the most urgent.</summary>
    public TimeSpan Due => HasDeadline ? _time.GetElapsedTime(0, _submitted) + _deadline : TimeSpan.MaxValue;

    /// <summary>Time left until the deadline less the margin. For a waiting job, at most its time limit.</summary>
    public TimeSpan Left => HasStarted ? Until(_end) : Until(_deadline) < _timeLimit ? Until(_deadline) : _timeLimit;

    /// <summary>Whether the deadline comes before the queue timeout.</summary>
    public bool IsDeadlineFirst => _deadline <= _queueTimeout;

    /// <summary>How long the job may wait: until its queue timeout or its deadline less the margin, whichever comes first.</summary>
    public TimeSpan Patience => IsDeadlineFirst ? _deadline : _queueTimeout;

    /// <summary>Whether the time is up.</summary>
    public bool IsOver => Elapsed >= _end;

    /// <summary>Whether time will be up before another turn as long as the last one ends.</summary>
    public bool IsNextTurnTooLate => IsOver || _turnEnded + _lastRound >= _end;

    /// <summary>Ends the wait and starts the time limit.</summary>
    /// <returns>How long the job waited.</returns>
    public TimeSpan Start()
    {
        TimeSpan queued = Elapsed;
        _turnEnded = queued;
        _end = _timeLimit < _deadline - queued ? queued + _timeLimit : _deadline;
        _started = queued;
        return queued;
    }

    /// <summary>Records the end of one of the job's turns. The turns of other jobs since the last one belong to its round.</summary>
    public void EndTurn()
    {
        TimeSpan now = Elapsed;
        _lastRound = now - _turnEnded;
        _turnEnded = now;
    }

    private TimeSpan Until(TimeSpan moment) => moment == TimeSpan.MaxValue ? moment : moment - Elapsed;
}
