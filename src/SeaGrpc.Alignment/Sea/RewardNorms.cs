using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>How strongly the rewards depend on each token of a response, to first order.</summary>
internal static class RewardNorms
{
    /// <summary>
    /// Euclidean norms of alpha dr/dy_t, where y_t is the relaxed one-hot token at each position, by one forward and one backward pass of
    /// each reward.
    /// </summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt, with the rewards that count.</param>
    /// <param name="row">The response, as a single row.</param>
    /// <param name="rewardWeight">alpha.</param>
    /// <param name="cost">Counts the passes.</param>
    /// <returns>One norm per position, including EOS.</returns>
    public static float[] Of(AlignmentModels models, PromptState prompt, HardResponses row, double rewardWeight, CostCounter cost)
    {
        using var scope = NewDisposeScope();
        using Generator unused = SeededGenerator.Of(0, models.Policy.Device);
        using EnergyGradient gradient = EnergyGradient.At(
            models,
            prompt,
            row,
            SeaParameters.Default with { Reference = SeaReference.None, RewardWeight = rewardWeight, EmbeddingNoise = 0 },
            unused,
            cost);
        using var noGrad = no_grad();
        List<float> norms = [];
        foreach ((long start, long count) in PositionChunks.Of(row.Positions, models.Policy.Decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            norms.AddRange(gradient.OverVocabulary(start, count).norm(1, p: 2f).cpu().data<float>());
        }

        return [.. norms];
    }
}
