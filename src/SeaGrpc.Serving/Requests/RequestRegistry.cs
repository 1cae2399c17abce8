using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Requests;

/// <summary>
/// Knows which requests are in flight and which finished recently, by request id (unique per caller) and by alignment id. Neither finds the
/// requests of another caller. Thread-safe.
/// </summary>
internal sealed class RequestRegistry(ReplayCache finished)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RequestName, Claimed> _byName = [];
    private readonly Dictionary<string, AlignmentJob> _byJobId = [];

    /// <summary>Claims a key for a new request, unless a request with this key has finished.</summary>
    /// <param name="name">The caller and its request id.</param>
    /// <param name="key">The key.</param>
    /// <returns>
    /// What a finished request with this key left. Null if the key is now claimed, until <see cref="Finish"/> or <see cref="Forget"/>.
    /// </returns>
    /// <exception cref="DuplicateRequestException">The same request is in flight.</exception>
    /// <exception cref="RequestIdReusedException">The id belongs to a different request of this caller.</exception>
    public FinishedRequest? Claim(RequestName name, RequestKey key)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out Claimed? taken))
            {
                throw taken.Key == key ? new DuplicateRequestException(key.Id) : new RequestIdReusedException(key.Id);
            }

            if (finished.Find(name) is { } before)
            {
                return before.Key == key ? before : throw new RequestIdReusedException(key.Id);
            }

            _byName.Add(name, new Claimed(key));
            return null;
        }
    }

    /// <summary>Registers a request's job and its id.</summary>
    /// <returns>Whether the request was cancelled by its request id before.</returns>
    public bool Begin(AlignmentJob job, RequestOrigin origin)
    {
        lock (_gate)
        {
            _byJobId.Add(job.Id, job);
            if (origin.Name is not { } name)
            {
                return false;
            }

            Claimed claimed = _byName[name];
            claimed.Job = job;
            return claimed.IsCancelled;
        }
    }

    /// <summary>Records an answer. If the request has a key, the answer is kept for replay.</summary>
    public void Finish(string jobId, RequestOrigin origin, DraftUpdate? draft, JobFinished end)
    {
        lock (_gate)
        {
            Forget(jobId, origin);
            if (origin is { Key: { } key, Name: { } name })
            {
                finished.Add(new FinishedRequest(name, key, jobId, draft, end));
            }
        }
    }

    /// <summary>Records that the request ended without an answer, or was never submitted. Its key may be used again.</summary>
    public void Forget(string? jobId, RequestOrigin origin)
    {
        lock (_gate)
        {
            if (jobId is not null)
            {
                _byJobId.Remove(jobId);
            }

            if (origin.Name is { } name)
            {
                _byName.Remove(name);
            }
        }
    }

    /// <summary>Cancels a caller's request by its request id, from its reservation on.</summary>
    public CancelResult Cancel(RequestName name)
    {
        AlignmentJob? job;
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out Claimed? taken))
            {
                return finished.Find(name) is null ? CancelResult.NotFound : CancelResult.AlreadyFinished;
            }

            taken.IsCancelled = true;
            job = taken.Job;
        }

        return job is null || job.Cancel() ? CancelResult.Cancelling : CancelResult.AlreadyFinished;
    }

    /// <summary>Cancels a caller's alignment by its alignment id.</summary>
    public CancelResult Cancel(string jobId, string caller)
    {
        AlignmentJob? job;
        lock (_gate)
        {
            if (!_byJobId.TryGetValue(jobId, out job))
            {
                return finished.FindJob(jobId)?.Name.Caller == caller ? CancelResult.AlreadyFinished : CancelResult.NotFound;
            }
        }

        return job.Caller != caller ? CancelResult.NotFound
            : job.Cancel() ? CancelResult.Cancelling
            : CancelResult.AlreadyFinished;
    }

    /// <summary>A key held by a request in flight.</summary>
    private sealed class Claimed(RequestKey key)
    {
        public RequestKey Key => key;

        /// <summary>Whether the request was cancelled by its request id.</summary>
        public bool IsCancelled { get; set; }

        /// <summary>The request's alignment, once it is submitted.</summary>
        public AlignmentJob? Job { get; set; }
    }
}
