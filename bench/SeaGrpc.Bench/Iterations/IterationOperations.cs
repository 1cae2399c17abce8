using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Bench.Iterations;

/// <summary>
/// Floating-point operations of the matrix products of one Langevin iteration, a multiplication and an addition counted as two.
/// Norms, softmaxes and everything else element by element are not counted.
/// </summary>
/// <param name="Necessary">
/// What the gradient needs: forward and backward to the inputs of both models over the response's positions, attention to the cached
/// prompt included, and three products with a vocabulary matrix: logits, probabilities times W, gradient times E.
/// </param>
/// <param name="Gradient">What a gradient takes here: the same, and the second model's product of gradient and E.</param>
/// <param name="Reading">Forward passes of both models over all chains, for the exact energies apart from a gradient.</param>
/// <param name="Logits">The policy's logits then.</param>
public sealed record IterationOperations(double Necessary, double Gradient, double Reading, double Logits)
{
    /// <summary>Counts them; the reward model's suffix is one EOS, which is the response's last position.</summary>
    /// <param name="policy">The policy's shape.</param>
    /// <param name="reward">The reward model's shape.</param>
    /// <param name="setting">The lengths.</param>
    public static IterationOperations Of(TransformerConfig policy, TransformerConfig reward, IterationSetting setting)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(reward);
        ArgumentNullException.ThrowIfNull(setting);
        // The policy's first token is predicted by the prompt's last position, which is cached.
        double policyForward = Forward(policy, setting, setting.Positions - 1);
        double rewardForward = Forward(reward, setting, setting.Positions);
        double rows = (double)setting.Chains * setting.Positions;
        double logits = 2 * rows * policy.VocabularySize * policy.HiddenSize;
        double rewardEmbeddings = 2 * rows * reward.VocabularySize * reward.HiddenSize;
        double necessary = policyForward + Backward(policy, setting, setting.Positions - 1)
            + rewardForward + Backward(reward, setting, setting.Positions)
            + (3 * logits);
        return new IterationOperations(necessary, necessary + rewardEmbeddings, policyForward + rewardForward, logits);
    }

    private static double Forward(TransformerConfig shape, IterationSetting setting, int positions) =>
        Projections(shape, setting, positions) + (Attention(shape, setting) * (Cached(setting, positions) + Own(positions)));

    // Keys and values of the prompt are constants: they need no gradient.
    private static double Backward(TransformerConfig shape, IterationSetting setting, int positions) =>
        Projections(shape, setting, positions) + (Attention(shape, setting) * (Cached(setting, positions) + (2 * Own(positions))));

    private static double Projections(TransformerConfig shape, IterationSetting setting, int positions)
    {
        double queries = (double)shape.HeadCount * shape.HeadSize;
        double keys = (double)shape.KeyValueHeadCount * shape.HeadSize;
        double weights = shape.LayerCount * shape.HiddenSize * ((2 * queries) + (2 * keys) + (3.0 * shape.IntermediateSize));
        return 2 * setting.Chains * positions * weights;
    }

    // Scores and their product with the values, per pair of a query and a key that it sees.
    private static double Attention(TransformerConfig shape, IterationSetting setting) =>
        4.0 * setting.Chains * shape.LayerCount * shape.HeadCount * shape.HeadSize;

    private static double Cached(IterationSetting setting, int positions) => (double)positions * setting.PromptTokens;

    private static double Own(int positions) => positions * (positions + 1) / 2.0;
}
