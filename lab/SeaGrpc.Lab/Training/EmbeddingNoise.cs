using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>
/// Gaussian noise on the responses' embeddings of some rows: it keeps a reward model smooth around its inputs, as alignment by
/// gradients needs it.
/// </summary>
internal static class EmbeddingNoise
{
    private const double NoisyShare = 0.5;

    /// <summary>A batch's embeddings [rows, length, hidden]; a noisy row has one level of noise over its whole response.</summary>
    /// <param name="decoder">Whose embeddings.</param>
    /// <param name="batch">The ids.</param>
    /// <param name="generator">Draws rows, levels and noise.</param>
    /// <param name="maxLevel">Levels are drawn below this, in standard deviations of the embeddings.</param>
    public static Tensor Embed(TransformerDecoder decoder, PaddedBatch batch, Generator generator, double maxLevel = 1)
    {
        var embeddings = decoder.Embed(batch.Ids);
        long[] perRow = [batch.Sequences.Count, 1, 1];
        using var noGrad = no_grad();
        var isNoisy = rand(perRow, generator: generator).IsBelow(NoisyShare).to(ScalarType.Float32);
        var level = (rand(perRow, generator: generator) * isNoisy).Times(maxLevel) * decoder.EmbeddingWeight.std();
        var noise = randn(embeddings.shape, generator: generator) * level * batch.ResponseMask();
        using var grad = enable_grad();
        return embeddings.Plus(noise);
    }
}
