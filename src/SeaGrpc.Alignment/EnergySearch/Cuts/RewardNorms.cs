using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Cuts;

/// <summary>How strongly the reward depends on each token of a response, to first order.</summary>
internal static class RewardNorms
{
    /// <summary>Euclidean norms of alpha dr/dy_t, where y_t is the relaxed one-hot token at each position.</summary>
    /// <param name="state">The search. Its current response is used, with one forward and one backward pass of each reward.</param>
    /// <returns>The norms in nats, one per position, including EOS.</returns>
    public static double[] Of(SearchState state)
    {
        using var scope = NewDisposeScope();
        RunContext context = state.Context;
        HardResponses rows = context.Rows([(state.Current.Tokens.ToArray(), state.Current.EndsWithEos)]);
        using EnergyGradient gradient = EnergyGradient.At(
            context.Models,
            context.Prompt,
            rows,
            SeaParameters.Default with { Reference = SeaReference.None, RewardWeight = state.Parameters.RewardWeight },
            context.Generator,
            context.Cost);
        using var noGrad = no_grad();
        List<double> norms = [];
        foreach ((long start, long count) in PositionChunks.Of(rows.Positions, context.Models.Policy.Decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            norms.AddRange(gradient.OverVocabulary(start, count).norm(1, p: 2f).cpu().data<float>().Select(norm => (double)norm));
        }

        return [.. norms];
    }
}
