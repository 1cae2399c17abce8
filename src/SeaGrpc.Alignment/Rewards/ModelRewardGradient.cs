using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Gradients at the input embeddings. The embedding matrix turns them into gradients at tokens.</summary>
/// <param name="rewards">[rows].</param>
/// <param name="gradient">[rows * positions, hidden]; taken over.</param>
/// <param name="decoder">The decoder that read them.</param>
internal sealed class ModelRewardGradient(IReadOnlyList<float> rewards, Tensor gradient, TransformerDecoder decoder) : IRewardGradient
{
    public IReadOnlyList<float> Rewards => rewards;

    public void AddTo(Tensor sum, long start, double factor)
    {
        Tensor own = gradient.narrow(0, start, sum.shape[0]).Times(factor);
        long common = Math.Min(sum.shape[1], decoder.Config.VocabularySize);
        Tensor embeddings = decoder.EmbeddingWeight.narrow(0, 0, common);
        Tensor place = sum.narrow(1, 0, common);
        if (own.dtype == sum.dtype && own.device.type == sum.device.type && own.device.index == sum.device.index)
        {
            MatrixProducts.AddTo(place, own, embeddings);
            return;
        }

        place.AddInPlace(MatrixProducts.Linear(own, embeddings).to(ScalarType.Float32).to(sum.device));
    }

    public void Dispose() => gradient.Dispose();
}
