using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Inspection;

/// <summary>What a reward model's folder has in common with a policy's. Weights are read only as far as the two agree.</summary>
public static class SharingInspection
{
    /// <summary>
    /// The embeddings and lowest layers that loading both would store once; null if there are none, or if a folder cannot be served.
    /// Tensors that are stored in different formats are not compared.
    /// </summary>
    /// <param name="policy">The policy's folder.</param>
    /// <param name="reward">The reward model's folder.</param>
    /// <param name="bytesPerWeight">Size of a weight in the format that both are served in.</param>
    public static WeightSharing? Of(CheckpointInspection policy, CheckpointInspection reward, int bytesPerWeight)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(reward);
        if (policy is not { Config: { } own, ParameterCount: not null } || reward is not { Config: { } theirs, ParameterCount: not null })
        {
            return null;
        }

        using CheckpointWeights weights = CheckpointWeights.Open(policy.Folder);
        using CheckpointWeights others = CheckpointWeights.Open(reward.Folder);
        int alike = theirs.Transformer.LayersLike(own.Transformer);
        (string Name, long[] Shape)[][] parts = Parts(theirs.Transformer);
        int same = parts.Take(alike == 0 ? 0 : alike + 1).TakeWhile(part => part.All(one => others.HasSame(one.Name, weights))).Count();
        return same == 0 ? null : new WeightSharing(
            policy.Name,
            same - 1,
            theirs.Transformer.LayerCount,
            parts.Take(same).SelectMany(part => part).Sum(one => one.Shape.Aggregate(1L, (product, size) => product * size))
                * bytesPerWeight);
    }

    // The embeddings, and the tensors of each layer.
    private static (string Name, long[] Shape)[][] Parts(TransformerConfig config)
    {
        using var scope = NewDisposeScope();
        List<(string Name, long[] Shape)> asked = [];
        using var decoder = new TransformerDecoder(
            config,
            WeightSources.OneByOne((name, shape) =>
            {
                asked.Add((name, shape));
                return empty(shape, ScalarType.Float32, META);
            }),
            withOutput: false);
        return
        [
            [asked[0]],
            .. Enumerable.Range(0, config.LayerCount)
                .Select(layer => asked.Where(one => one.Name.StartsWith($"model.layers.{layer}.", StringComparison.Ordinal)).ToArray()),
        ];
    }
}
