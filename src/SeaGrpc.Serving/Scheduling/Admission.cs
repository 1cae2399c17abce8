using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// Counts the places (reserved, waiting, running), keeps the queue in order, and lets the model thread wait for work. Thread-safe; every
/// operation is short.
/// </summary>
/// <remarks>
/// The queue is in order of submission, moved by priority, with fair shares between the callers of one priority: a caller's next job ranks
/// at least one interval behind its last waiting one, where the interval is the mean time between two starts. Thus of several callers with
/// many jobs each, one job of each starts in turn, and a caller with one job need not wait for all of another's (start-time fair queueing,
/// Goyal, Vin and Cheng 1996, with every job's cost taken as the same).
/// </remarks>
/// <param name="concurrentJobs">Maximum number of running jobs.</param>
/// <param name="queuedJobs">Maximum number of waiting jobs.</param>
/// <param name="interval">Mean time between two starts.</param>
internal sealed class Admission(int concurrentJobs, int queuedJobs, Func<TimeSpan> interval)
{
    /// <summary>One part in N of the memory is the most that may be kept between jobs.</summary>
    private const int PartsPerSpare = 8;

    private readonly object _gate = new();
    private readonly LinkedList<ScheduledJob> _waiting = [];
    private readonly HashSet<ScheduledJob> _running = [];
    private int _reserved;
    private EngineState _state = EngineState.Loading;
    private long _memoryBytes;
    private bool _isAwake;

    /// <summary>What the engine is doing.</summary>
    public EngineState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Jobs in the queue.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Jobs on the device.</summary>
    public int RunningCount
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Bytes that the running jobs may need together, once the models are loaded; 0 for no limit.</summary>
    public long MemoryBytes
    {
        get
        {
            lock (_gate)
            {
                return _memoryBytes;
            }
        }
    }

    /// <summary>Bytes that the running jobs need together.</summary>
    public long ReservedBytes
    {
        get
        {
            lock (_gate)
            {
                return _running.Sum(running => running.MemoryBytes);
            }
        }
    }

    /// <summary>Total number of places.</summary>
    public int Capacity { get; } = concurrentJobs + queuedJobs;

    /// <summary>Takes a place.</summary>
    /// <returns>False if no place is free.</returns>
    /// <exception cref="EngineUnavailableException">The engine is not ready.</exception>
    public bool TryReserve()
    {
        lock (_gate)
        {
            ThrowUnlessReady();
            if (_reserved + _waiting.Count + _running.Count >= Capacity)
            {
                return false;
            }

            _reserved++;
            return true;
        }
    }

    /// <summary>Gives back a place that was not used.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _reserved--;
        }
    }

    /// <summary>
    /// Turns a reserved place into a place in the queue, and tells the job its position if it has to wait. A job that is already settled
    /// only gives its place back.
    /// </summary>
    /// <exception cref="EngineUnavailableException">The engine is no longer ready; the place is given back.</exception>
    public void Enqueue(ScheduledJob job)
    {
        lock (_gate)
        {
            _reserved--;
            ThrowUnlessReady();
            if (job.IsSettled)
            {
                return;
            }

            job.MoveBack(RankOf(job.Rank, job.Caller, job.Priority));
            LinkedListNode<ScheduledJob>? before = _waiting.Last;
            int ahead = _waiting.Count;
            while (before is not null && before.Value.Rank > job.Rank)
            {
                before = before.Previous;
                ahead--;
            }

            if (Place(ahead) > 0 || !Fits(job))
            {
                job.TellQueued(Math.Max(1, Place(ahead)));
            }

            LinkedListNode<ScheduledJob> node = before is null ? _waiting.AddFirst(job) : _waiting.AddAfter(before, job);
            job.BeginPatience();
            TellFrom(node.Next, ahead + 1); // The job that would have started at once, now overtaken.
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>How many jobs would have to end before a new one starts.</summary>
    /// <param name="rank">The new job's rank.</param>
    /// <param name="caller">Its caller.</param>
    /// <param name="priority">Its priority.</param>
    public int Ahead(TimeSpan rank, string caller, int priority)
    {
        lock (_gate)
        {
            TimeSpan moved = RankOf(rank, caller, priority);
            return Math.Max(0, Place(_waiting.Count(other => other.Rank <= moved)));
        }
    }

    /// <summary>Removes a job from the queue, at any position.</summary>
    public void Remove(ScheduledJob job)
    {
        lock (_gate)
        {
            _waiting.Remove(job);
        }
    }

    /// <summary>
    /// The first waiting job, which now runs; null if none waits or no more may run. If it does not fit beside the running jobs, no other
    /// job overtakes it: it might never start.
    /// </summary>
    public ScheduledJob? TakeNext()
    {
        lock (_gate)
        {
            while (_running.Count < concurrentJobs && _waiting.First is { } first && Fits(first.Value))
            {
                _waiting.RemoveFirst();
                if (first.Value.TryStart())
                {
                    _running.Add(first.Value);
                    return first.Value;
                }
            }

            if (_waiting.First is { } left)
            {
                left.Value.TellQueued(1); // It seemed to fit when it was queued.
            }

            return null;
        }
    }

    /// <summary>Whether a waiting job could start now.</summary>
    public bool HasNext
    {
        get
        {
            lock (_gate)
            {
                return _running.Count < concurrentJobs && _waiting.First is { } first && Fits(first.Value);
            }
        }
    }

    /// <summary>The waiting jobs, in order.</summary>
    public IReadOnlyList<ScheduledJob> Waiting
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting];
            }
        }
    }

    /// <summary>Unscored token positions of waiting drafts whose jobs are due before a given time.</summary>
    public long UnreadBefore(TimeSpan due)
    {
        lock (_gate)
        {
            return _waiting.Concat(_running).Where(job => job.IsPressed && job.Due < due).Sum(job => (long)job.UnreadTokens);
        }
    }

    /// <summary>Records that a running job has left the device.</summary>
    public void Retire(ScheduledJob job)
    {
        lock (_gate)
        {
            _running.Remove(job);
        }
    }

    /// <summary>Blocks the model thread until there is work.</summary>
    /// <returns>False if the thread is to end.</returns>
    public bool WaitForWork()
    {
        lock (_gate)
        {
            while (_running.Count == 0 && _waiting.Count == 0 && _state < EngineState.Stopped)
            {
                Monitor.Wait(_gate);
            }

            return _state < EngineState.Stopped;
        }
    }

    /// <summary>Wakes the model thread from <see cref="WaitForNews"/>, or keeps it from the next one.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _isAwake = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks the model thread until a job arrives, something wakes it, or the time is over.</summary>
    /// <param name="longest">How long to block at most.</param>
    public void WaitForNews(TimeSpan longest)
    {
        lock (_gate)
        {
            if (!_isAwake && !HasNext && _state < EngineState.Stopped)
            {
                Monitor.Wait(_gate, longest);
            }

            _isAwake = false;
        }
    }

    /// <summary>Records that the models are loaded. Ignored if the engine has been told to end.</summary>
    /// <param name="memoryBytes">Bytes that the running jobs may need together; 0 for no limit.</param>
    public void Open(long memoryBytes)
    {
        lock (_gate)
        {
            _memoryBytes = memoryBytes;
            _state = _state == EngineState.Loading ? EngineState.Ready : _state;
        }
    }

    /// <summary>Memory that running jobs leave for what may be kept between them, in bytes; at most a part of the whole.</summary>
    public long SpareBytes
    {
        get
        {
            lock (_gate)
            {
                return Math.Clamp(_memoryBytes - _running.Sum(running => running.MemoryBytes), 0, _memoryBytes / PartsPerSpare);
            }
        }
    }

    /// <summary>Admits nothing from now on. The state never returns to an earlier one.</summary>
    /// <returns>The waiting jobs, which have left the queue, and the running ones.</returns>
    public (IReadOnlyList<ScheduledJob> Waiting, IReadOnlyList<ScheduledJob> Running) Close(EngineState state)
    {
        lock (_gate)
        {
            _state = state > _state ? state : _state;
            ScheduledJob[] waiting = [.. _waiting];
            _waiting.Clear();
            Monitor.PulseAll(_gate);
            return (waiting, [.. _running]);
        }
    }

    /// <summary>A job's position in the queue, from the number of jobs ahead of it; above 0 if it has to wait.</summary>
    private int Place(int ahead) => ahead + _running.Count - concurrentJobs + 1;

    /// <summary>The rank of a caller's next job: at least one interval behind its last waiting one of the same priority.</summary>
    private TimeSpan RankOf(TimeSpan rank, string caller, int priority) =>
        _waiting.LastOrDefault(other => other.Caller == caller && other.Priority == priority) is { } last
        && last.Rank + interval() is var behind && behind > rank
            ? behind
            : rank;

    private void TellFrom(LinkedListNode<ScheduledJob>? node, int ahead)
    {
        for (; node is not null; node = node.Next, ahead++)
        {
            if (Place(ahead) > 0)
            {
                node.Value.TellQueued(Place(ahead));
            }
        }
    }

    private bool Fits(ScheduledJob job) =>
        _memoryBytes == 0 || _running.Count == 0 || _running.Sum(running => running.MemoryBytes) + job.MemoryBytes <= _memoryBytes;

    private void ThrowUnlessReady()
    {
        if (_state != EngineState.Ready)
        {
            throw new EngineUnavailableException(_state);
        }
    }
}
