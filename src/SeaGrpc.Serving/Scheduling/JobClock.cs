using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>One job's times, all counted from its submission on a monotonic clock.</summary>
internal sealed class JobClock
{
    /// <summary>Timers do not reach much further than a month.</summary>
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

    /// <summary>Begins to count now.</summary>
    public JobClock(JobLimits limits, EngineOptions options, TimeProvider time)
    {
        _time = time;
        _submitted = time.GetTimestamp();
        Rank = time.GetElapsedTime(0, _submitted) - (limits.Priority * options.PriorityStep);
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

    /// <summary>
    /// Where it stands in the queue: who has the lowest goes first. The submission's time, less what its priority is worth.
    /// </summary>
    public TimeSpan Rank { get; }

    /// <summary>Time since submission.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_submitted);

    /// <summary>Time from submission to start, or to now while it waits.</summary>
    public TimeSpan Queued => _started ?? Elapsed;

    /// <summary>Time since the start; 0 while it waits.</summary>
    public TimeSpan Running => _started is { } started ? Elapsed - started : TimeSpan.Zero;

    /// <summary>Whether the wait is over.</summary>
    public bool HasStarted => _started is not null;

    /// <summary>Whether the caller has said how long it waits.</summary>
    public bool HasDeadline => _deadline < TimeSpan.MaxValue;

    /// <summary>The deadline less the margin on the clock that all jobs share; the lowest is the most urgent.</summary>
    public TimeSpan Due => HasDeadline ? _time.GetElapsedTime(0, _submitted) + _deadline : TimeSpan.MaxValue;

    /// <summary>
    /// How long it may still take to the deadline less the margin; where it waits and could start now, no longer than its time limit.
    /// </summary>
    public TimeSpan Left => HasStarted ? Until(_end) : Until(_deadline) < _timeLimit ? Until(_deadline) : _timeLimit;

    /// <summary>Whether the deadline comes before the queue timeout.</summary>
    public bool IsDeadlineFirst => _deadline <= _queueTimeout;

    /// <summary>How long the job may wait: to its queue timeout or its deadline less the margin.</summary>
    public TimeSpan Patience => IsDeadlineFirst ? _deadline : _queueTimeout;

    /// <summary>Whether the time is up.</summary>
    public bool IsOver => Elapsed >= _end;

    /// <summary>Whether the time would be up before another turn like the last has ended.</summary>
    public bool IsNextTurnTooLate => IsOver || _turnEnded + _lastRound >= _end;

    /// <summary>The wait is over; from here the time limit counts.</summary>
    /// <returns>How long it was.</returns>
    public TimeSpan Start()
    {
        TimeSpan queued = Elapsed;
        _turnEnded = queued;
        _end = _timeLimit < _deadline - queued ? queued + _timeLimit : _deadline;
        _started = queued;
        return queued;
    }

    /// <summary>One of the job's turns has ended; the turns of other jobs in between belong to its round.</summary>
    public void EndTurn()
    {
        TimeSpan now = Elapsed;
        _lastRound = now - _turnEnded;
        _turnEnded = now;
    }

    private TimeSpan Until(TimeSpan moment) => moment == TimeSpan.MaxValue ? moment : moment - Elapsed;
}
