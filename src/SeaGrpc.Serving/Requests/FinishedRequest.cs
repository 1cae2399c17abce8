using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Serving.Requests;

/// <summary>What a finished request leaves for a retry.</summary>
/// <param name="Name">Its caller and its id.</param>
/// <param name="Key">Its key.</param>
/// <param name="JobId">Its alignment id.</param>
/// <param name="Draft">Its draft event, or null where it told none.</param>
/// <param name="End">Its last event.</param>
internal sealed record FinishedRequest(RequestName Name, RequestKey Key, string JobId, JobDraft? Draft, JobFinished End);
