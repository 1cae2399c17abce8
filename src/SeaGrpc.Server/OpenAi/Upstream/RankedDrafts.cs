using SeaGrpc.Server.OpenAi.Errors;

namespace SeaGrpc.Server.OpenAi.Upstream;

/// <summary>The backend's drafts of one prompt, the one of the highest reward first.</summary>
/// <param name="Drafts">The drafts; empty if the backend gave none.</param>
/// <param name="Rewards">The reward of each; null if they were not scored.</param>
/// <param name="Told">What the backend said; null if it did not answer.</param>
/// <param name="Failure">Why drafts or scores are missing; null if nothing failed.</param>
internal sealed record RankedDrafts(
    IReadOnlyList<UpstreamDraft> Drafts, IReadOnlyList<double>? Rewards, UpstreamDrafts? Told, OpenAiError? Failure);
