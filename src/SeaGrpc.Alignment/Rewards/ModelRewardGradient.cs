using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Gradients at looked-up embeddings, which the embedding matrix turns into gradients at tokens.</summary>
/// <param name="rewards">[rows].</param>
/// <param name="gradient">[rows * positions, hidden]; taken over.</param>
/// <param name="decoder">The decoder that read them.</param>
internal sealed class ModelRewardGradient(IReadOnlyList<float> rewards, Tensor gradient, TransformerDecoder decoder) : IRewardGradient
{
    public IReadOnlyList<float> Rewards => rewards;

    public void AddTo(Tensor sum, long start)
    {
        Tensor product = nn.functional.linear(gradient.narrow(0, start, sum.shape[0]), decoder.EmbeddingWeight).to(ScalarType.Float32).to(sum.device);
        long common = Math.Min(sum.shape[1], product.shape[1]);
        sum.narrow(1, 0, common).AddInPlace(product.narrow(1, 0, common));
    }

    public void Dispose() => gradient.Dispose();
}
