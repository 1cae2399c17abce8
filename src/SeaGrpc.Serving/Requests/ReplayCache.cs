namespace SeaGrpc.Serving.Requests;

/// <summary>The most recent finished requests, up to a maximum number and age. Not thread-safe; the registry's lock guards it.</summary>
internal sealed class ReplayCache(int capacity, TimeSpan lifetime, TimeProvider time)
{
    private readonly Queue<(FinishedRequest Request, long Added)> _oldestFirst = new();
    private readonly Dictionary<RequestName, FinishedRequest> _byName = [];
    private readonly Dictionary<string, FinishedRequest> _byJobId = [];

    /// <summary>Adds a request that is not in the cache.</summary>
    public void Add(FinishedRequest request)
    {
        if (capacity > 0)
        {
            DropAllBut(capacity - 1);
            _oldestFirst.Enqueue((request, time.GetTimestamp()));
            _byName.Add(request.Name, request);
            _byJobId.Add(request.JobId, request);
        }
    }

    /// <summary>The caller's request with this id, or null.</summary>
    public FinishedRequest? Find(RequestName name)
    {
        DropAllBut(capacity);
        return _byName.GetValueOrDefault(name);
    }

    /// <summary>The request whose alignment had this id, or null.</summary>
    public FinishedRequest? FindJob(string jobId)
    {
        DropAllBut(capacity);
        return _byJobId.GetValueOrDefault(jobId);
    }

    private void DropAllBut(int count)
    {
        while (_oldestFirst.TryPeek(out (FinishedRequest Request, long Added) oldest)
            && (_oldestFirst.Count > count || time.GetElapsedTime(oldest.Added) >= lifetime))
        {
            _oldestFirst.Dequeue();
            _byName.Remove(oldest.Request.Name);
            _byJobId.Remove(oldest.Request.JobId);
        }
    }
}
