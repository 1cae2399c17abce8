using System.Globalization;

namespace SeaGrpc.Modeling;

/// <summary>The weights that a model has in common with the policy: bit by bit the same, from the embeddings upwards.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Layers">Number of lowest layers that both have, besides the embeddings.</param>
/// <param name="LayerCount">Number of layers of the model.</param>
/// <param name="Bytes">Memory of these weights, which is needed once instead of twice.</param>
public sealed record WeightSharing(string Policy, int Layers, int LayerCount, long Bytes)
{
    /// <summary>The same for people, as a predicate.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"shares {(Layers > 0 ? $"{Layers} of {LayerCount} layers and " : "")}the embeddings with {Policy}; saves "
            + $"{Bytes / (double)(1 << 20):0.0} MiB");
}
