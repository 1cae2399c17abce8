namespace SeaGrpc.Bench.Shared;

/// <summary>What is answered.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Tail">Tokens that the reward model reads after every response.</param>
/// <param name="ResponseTokens">Maximum tokens of a response; the caller's draft is eight tokens shorter.</param>
/// <param name="Method">The method, with its parameters.</param>
internal sealed record SharedSetting(int PromptTokens, int Tail, int ResponseTokens, string Method);
