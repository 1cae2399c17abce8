namespace SeaGrpc.Alignment.Probing;

/// <summary>
/// The policy's likeliest next tokens after the beginning of an answer, and what four orders make of them: one number per token in each.
/// </summary>
/// <param name="Depth">Tokens of the beginning.</param>
/// <param name="Rewards">r of the beginning with the token, scored as if it ended there: exact.</param>
/// <param name="LogProbabilities">log pi_ref of the beginning with the token, in nats.</param>
/// <param name="AtLikeliest">The reward's gradient at the likeliest token, times the token's embedding.</param>
/// <param name="AtMean">The same at the mean of the tokens' embeddings, weighted by the policy.</param>
public sealed record NextTokens(
    int Depth,
    IReadOnlyList<double> Rewards,
    IReadOnlyList<double> LogProbabilities,
    IReadOnlyList<double> AtLikeliest,
    IReadOnlyList<double> AtMean);
