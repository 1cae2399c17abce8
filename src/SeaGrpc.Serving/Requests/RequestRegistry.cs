using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Requests;

/// <summary>Knows which requests are in flight, by request id and by alignment id, and which finished lately. Thread-safe.</summary>
internal sealed class RequestRegistry(ReplayCache finished)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (RequestKey Key, JobSlot Slot)> _byRequestId = [];
    private readonly Dictionary<string, AlignmentJob> _byJobId = [];

    /// <summary>Takes a key for a new request, unless it has finished before.</summary>
    /// <returns>What a finished request with this key left, or null: <paramref name="slot"/> now holds the key.</returns>
    /// <exception cref="DuplicateRequestException">The same request is in flight.</exception>
    /// <exception cref="RequestIdReusedException">The id belongs to another request.</exception>
    public FinishedRequest? Claim(RequestKey key, JobSlot slot)
    {
        lock (_gate)
        {
            if (_byRequestId.TryGetValue(key.Id, out (RequestKey Key, JobSlot Slot) taken))
            {
                throw taken.Key == key ? new DuplicateRequestException(key.Id) : new RequestIdReusedException(key.Id);
            }

            if (finished.Find(key.Id) is { } before)
            {
                return before.Key == key ? before : throw new RequestIdReusedException(key.Id);
            }

            _byRequestId.Add(key.Id, (key, slot));
            return null;
        }
    }

    /// <summary>A claimed key's job exists now, and so does its id.</summary>
    /// <returns>Whether the request was cancelled by its id before it came to this.</returns>
    public bool Begin(AlignmentJob job, JobSlot slot)
    {
        lock (_gate)
        {
            _byJobId.Add(job.Id, job);
            slot.Job = job;
            return slot.IsCancelled;
        }
    }

    /// <summary>It has an answer: a keyed one is kept for replay.</summary>
    public void Finish(string jobId, RequestKey? key, JobDraft? draft, JobFinished end)
    {
        lock (_gate)
        {
            Forget(jobId, key);
            if (key is not null)
            {
                finished.Add(new FinishedRequest(key, jobId, draft, end));
            }
        }
    }

    /// <summary>It ended without an answer, or was never submitted: the key may be used again.</summary>
    public void Forget(string? jobId, RequestKey? key)
    {
        lock (_gate)
        {
            if (jobId is not null)
            {
                _byJobId.Remove(jobId);
            }

            if (key is not null)
            {
                _byRequestId.Remove(key.Id);
            }
        }
    }

    /// <summary>Cancels by request id, or else by alignment id.</summary>
    public CancelResult Cancel(string id)
    {
        AlignmentJob? job;
        lock (_gate)
        {
            if (_byRequestId.TryGetValue(id, out (RequestKey Key, JobSlot Slot) taken))
            {
                taken.Slot.IsCancelled = true;
                job = taken.Slot.Job;
                if (job is null)
                {
                    return CancelResult.Cancelling;
                }
            }
            else if (!_byJobId.TryGetValue(id, out job))
            {
                return finished.Contains(id) ? CancelResult.AlreadyFinished : CancelResult.NotFound;
            }
        }

        return job.Cancel() ? CancelResult.Cancelling : CancelResult.AlreadyFinished;
    }
}
