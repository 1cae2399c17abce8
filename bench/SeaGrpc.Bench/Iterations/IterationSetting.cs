namespace SeaGrpc.Bench.Iterations;

/// <summary>The lengths of one measured iteration of SEA by Langevin dynamics.</summary>
/// <param name="Chains">Number of chains; at least 1.</param>
/// <param name="PromptTokens">Tokens that both models have read before the response; at least 1.</param>
/// <param name="Positions">Positions of every response, its EOS included; at least 2.</param>
/// <param name="Seed">Seed of prompt, drafts and noise.</param>
public sealed record IterationSetting(int Chains, int PromptTokens, int Positions, ulong Seed = 1);
