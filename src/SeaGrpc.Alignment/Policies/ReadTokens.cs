namespace SeaGrpc.Alignment.Policies;

/// <summary>What a policy says of the tokens of a row, from the position on that it was asked about.</summary>
/// <param name="LogProbabilities">log pi of each token, in nats.</param>
/// <param name="Alternatives">The likeliest tokens in place of each, likeliest first; empty lists where none were wanted.</param>
public sealed record ReadTokens(
    IReadOnlyList<float> LogProbabilities, IReadOnlyList<IReadOnlyList<TokenProbability>> Alternatives)
{
    /// <summary>
    /// Euclidean norm of dr/dy_t at each token, where y_t is the relaxed one-hot token, in units of the reward r; null if it was not asked
    /// for, or if there is no such gradient.
    /// </summary>
    public IReadOnlyList<float>? RewardGradientNorms { get; init; }

    /// <summary>Token positions that the policy read for this.</summary>
    public long PolicyTokens { get; init; }

    /// <summary>Token positions that the rewards read for this; a backward pass counts its positions once more.</summary>
    public long RewardTokens { get; init; }
}
