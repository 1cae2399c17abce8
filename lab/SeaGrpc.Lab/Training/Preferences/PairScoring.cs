using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>The rewards that a loaded reward model gives both texts of pairs, each read as a whole.</summary>
internal static class PairScoring
{
    /// <summary>Scores pairs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="batchTokens">Ids read at once, filling included.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    /// <returns>The rewards of each pair, in order.</returns>
    public static (float Chosen, float Rejected)[] Score(
        RewardModel model, IReadOnlyList<PairIds> pairs, int batchTokens, CancellationToken cancellation = default)
    {
        var rewards = new (float, float)[pairs.Count];
        foreach (int[] indices in PairOrder.Of([.. pairs.Select(pair => 2 * pair.Longest)], batchTokens, epochs: 1, seed: 0))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var batch = new PaddedBatch([.. indices.SelectMany(index => new[] { pairs[index].ChosenText, pairs[index].RejectedText })]);
            Tensor states = model.Decoder.Forward(model.Decoder.Embed(batch.Ids)).flatten(0, 1).index_select(0, batch.LastIndices());
            float[] values = model.Head.Rewards(states).data<float>().ToArray();
            foreach ((int row, int index) in indices.Index())
            {
                rewards[index] = (values[2 * row], values[(2 * row) + 1]);
            }
        }

        return rewards;
    }
}
