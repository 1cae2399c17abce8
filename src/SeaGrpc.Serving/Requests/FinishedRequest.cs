using SeaGrpc.Alignment;
using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Requests;

/// <summary>What is kept of a finished request for a retry.</summary>
/// <param name="Name">The caller and its request id.</param>
/// <param name="Key">Its key.</param>
/// <param name="JobId">Its alignment id.</param>
/// <param name="Draft">Its draft update, or null if it sent none.</param>
/// <param name="End">Its last update.</param>
internal sealed record FinishedRequest(RequestName Name, RequestKey Key, string JobId, DraftUpdate? Draft, JobFinished End)
{
    /// <summary>Returns a job that replays the same alignment: its draft and its end.</summary>
    public AlignmentJob Replay()
    {
        var job = new AlignmentJob(JobId, Name.Caller, Key.Id) { IsReplay = true };
        if (Draft is { } draft)
        {
            job.Updates.Post(draft);
        }

        job.Finish(End);
        return job;
    }
}
