using System.Text.Json;

namespace SeaGrpc.Server.OpenAi.Upstream;

/// <summary>A draft of the backend.</summary>
/// <param name="Text">Its text.</param>
/// <param name="FinishReason">Why it ended there, as the backend says.</param>
/// <param name="Logprobs">Its log-probabilities, as the backend tells them; null if they were not asked for.</param>
internal sealed record UpstreamDraft(string Text, string FinishReason, JsonElement? Logprobs);

/// <summary>The drafts of one prompt.</summary>
/// <param name="Model">The backend's name of its model.</param>
/// <param name="Drafts">Different drafts; at least one.</param>
/// <param name="PromptTokens">Tokens of the prompt, as the backend counts them.</param>
/// <param name="CompletionTokens">Tokens of all drafts, as the backend counts them.</param>
internal sealed record UpstreamDrafts(string Model, IReadOnlyList<UpstreamDraft> Drafts, int PromptTokens, int CompletionTokens);
