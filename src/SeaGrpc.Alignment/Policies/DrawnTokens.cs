namespace SeaGrpc.Alignment.Policies;

/// <summary>What a policy has drawn for a row.</summary>
/// <param name="Tokens">The ids, the end included where the row has ended; at least one.</param>
/// <param name="LogProbabilities">log pi of each, in nats.</param>
/// <param name="Alternatives">The likeliest tokens at each position, likeliest first; empty lists where none were wanted.</param>
/// <param name="HasEnded">Whether the last token is an end.</param>
public sealed record DrawnTokens(
    IReadOnlyList<int> Tokens,
    IReadOnlyList<float> LogProbabilities,
    IReadOnlyList<IReadOnlyList<TokenProbability>> Alternatives,
    bool HasEnded);
