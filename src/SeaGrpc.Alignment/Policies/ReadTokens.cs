namespace SeaGrpc.Alignment.Policies;

/// <summary>What a policy says of the tokens of a row, from the position on that it was asked about.</summary>
/// <param name="LogProbabilities">log pi of each token, in nats.</param>
/// <param name="Alternatives">The likeliest tokens in place of each, likeliest first; empty lists where none were wanted.</param>
public sealed record ReadTokens(
    IReadOnlyList<float> LogProbabilities, IReadOnlyList<IReadOnlyList<TokenProbability>> Alternatives);
