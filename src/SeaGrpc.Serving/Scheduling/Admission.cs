using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// The engine's door: counts the places (reserved, waiting, running), keeps the queue in order, and lets the model thread
/// wait for work. Thread-safe; nothing here takes longer than a few instructions.
/// </summary>
internal sealed class Admission(int concurrentJobs, int queuedJobs)
{
    private readonly object _gate = new();
    private readonly LinkedList<ScheduledJob> _waiting = [];
    private readonly HashSet<ScheduledJob> _running = [];
    private int _reserved;
    private EngineState _state = EngineState.Loading;
    private long _memoryBytes;

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

    /// <summary>What the running jobs may need together, in bytes, once the models are loaded; 0 means no bound.</summary>
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

    /// <summary>Places in all.</summary>
    public int Capacity { get; } = concurrentJobs + queuedJobs;

    /// <summary>Takes a place.</summary>
    /// <returns>False where none is free.</returns>
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

    /// <summary>Gives back a place that was never used.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _reserved--;
        }
    }

    /// <summary>
    /// Turns a reserved place into a place in the queue, and tells the job where it stands if it has to wait. A job that is
    /// settled already only gives its place back.
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
            TellFrom(node.Next, ahead + 1); // Whoever would have started at once, and has been overtaken.
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes a job out of the queue, wherever it stands.</summary>
    public void Remove(ScheduledJob job)
    {
        lock (_gate)
        {
            _waiting.Remove(job);
        }
    }

    /// <summary>
    /// The first waiting job, now running; null if none waits or no more may run. One that does not fit beside those that
    /// run is waited for, and not overtaken: it would never start.
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
                left.Value.TellQueued(1); // It seemed to fit when it came.
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

    /// <summary>Token positions of drafts that are to be scored and whose jobs' time is up before a moment.</summary>
    public long UnreadBefore(TimeSpan due)
    {
        lock (_gate)
        {
            return _waiting.Concat(_running).Where(job => job.IsPressed && job.Due < due).Sum(job => (long)job.UnreadTokens);
        }
    }

    /// <summary>A running job has left the device.</summary>
    public void Retire(ScheduledJob job)
    {
        lock (_gate)
        {
            _running.Remove(job);
        }
    }

    /// <summary>Blocks the model thread until there is work.</summary>
    /// <returns>False when it is to end.</returns>
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

    /// <summary>The models are loaded. Ignored where the engine has been told to end meanwhile.</summary>
    /// <param name="memoryBytes">What the running jobs may need together; 0 means no bound.</param>
    public void Open(long memoryBytes)
    {
        lock (_gate)
        {
            _memoryBytes = memoryBytes;
            _state = _state == EngineState.Loading ? EngineState.Ready : _state;
        }
    }

    /// <summary>Admits nothing from here on. A state never goes back to an earlier one.</summary>
    /// <returns>The jobs that waited, which are no longer queued, and those that run.</returns>
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

    /// <summary>A job's place in the queue, given the number of jobs ahead of it; above 0 if it has to wait.</summary>
    private int Place(int ahead) => ahead + _running.Count - concurrentJobs + 1;

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
