using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>
/// Trains a reward model by Bradley-Terry comparisons of responses to one prompt. It knows ids alone, no text and no world.
/// </summary>
/// <remarks>
/// Each pair of a group counts as preferred with probability sigmoid(quality difference): the labels that a Bradley-Terry
/// population of judges would give on average, so the reward's scale is the quality's. Gaussian noise on some rows' response
/// embeddings keeps the reward smooth around its inputs, as alignment by gradients needs it.
/// </remarks>
public static class RewardTrainer
{
    private const double CentringWeight = 0.001;

    /// <summary>Trains the weights in place, in fp32.</summary>
    /// <param name="network">The model.</param>
    /// <param name="next">Draws the next group of responses to one prompt, two or more.</param>
    /// <param name="options">Length and speed; the batch size counts groups.</param>
    /// <param name="progress">Called for every step, or null.</param>
    /// <param name="cancellation">Ends training between two steps.</param>
    public static void Train(
        RewardNetwork network,
        Func<IReadOnlyList<RankedSequence>> next,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        using var generator = new Generator((ulong)options.Seed);
        using var optimiser = new AdamW(network.Decoder.Leaves().Append(network.Score));
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var groups = Enumerable.Range(0, options.BatchSize).Select(_ => next()).ToArray();
            var batch = new PaddedBatch([.. groups.SelectMany(group => group.Select(ranked => ranked.Sequence))]);
            var rewards = network.Rewards(batch, EmbeddingNoise.Embed(network.Decoder, batch, generator));
            var loss = Loss(rewards, groups);
            loss.backward();
            optimiser.Step(options.RateAt(step));
            progress?.Report(new TrainingProgress(step + 1, options.Steps, loss.item<float>()));
        }
    }

    private static Tensor Loss(Tensor rewards, IReadOnlyList<IReadOnlyList<RankedSequence>> groups)
    {
        var better = new List<long>();
        var worse = new List<long>();
        var preferences = new List<float>();
        var first = 0;
        foreach (var group in groups)
        {
            for (var i = 0; i < group.Count; i++)
            {
                for (var j = i + 1; j < group.Count; j++)
                {
                    better.Add(first + i);
                    worse.Add(first + j);
                    preferences.Add((float)(1 / (1 + Math.Exp(group[j].Quality - group[i].Quality))));
                }
            }

            first += group.Count;
        }

        var differences = rewards.index_select(0, tensor(better)) - rewards.index_select(0, tensor(worse));
        var comparison = nn.functional.binary_cross_entropy_with_logits(differences, tensor(preferences));
        return comparison.Plus(rewards.mean().Squared().Times(CentringWeight));
    }
}
