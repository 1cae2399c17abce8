namespace SeaGrpc.Serving.Requests;

/// <summary>The newest finished requests, at most so many and for so long. Not thread-safe: its registry's lock holds.</summary>
internal sealed class ReplayCache(int capacity, TimeSpan lifetime, TimeProvider time)
{
    private readonly Queue<(FinishedRequest Request, long Added)> _oldestFirst = new();
    private readonly Dictionary<string, FinishedRequest> _byRequestId = [];
    private readonly HashSet<string> _jobIds = [];

    /// <summary>Keeps a request that is not kept yet.</summary>
    public void Add(FinishedRequest request)
    {
        if (capacity > 0)
        {
            DropAllBut(capacity - 1);
            _oldestFirst.Enqueue((request, time.GetTimestamp()));
            _byRequestId.Add(request.Key.Id, request);
            _jobIds.Add(request.JobId);
        }
    }

    /// <summary>The request with this id, or null.</summary>
    public FinishedRequest? Find(string requestId)
    {
        DropAllBut(capacity);
        return _byRequestId.GetValueOrDefault(requestId);
    }

    /// <summary>Whether a request is kept under this request id or alignment id.</summary>
    public bool Contains(string id) => Find(id) is not null || _jobIds.Contains(id);

    private void DropAllBut(int count)
    {
        while (_oldestFirst.TryPeek(out (FinishedRequest Request, long Added) oldest)
            && (_oldestFirst.Count > count || time.GetElapsedTime(oldest.Added) >= lifetime))
        {
            _oldestFirst.Dequeue();
            _byRequestId.Remove(oldest.Request.Key.Id);
            _jobIds.Remove(oldest.Request.JobId);
        }
    }
}
