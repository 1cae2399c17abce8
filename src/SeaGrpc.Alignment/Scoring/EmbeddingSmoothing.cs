using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>Randomised smoothing: Gaussian noise on embeddings, drawn anew each time.</summary>
/// <param name="Deviation">Standard deviation of the noise, in standard deviations of the embedding matrix; 0 for none.</param>
/// <param name="Generator">Source of the noise; null without any.</param>
internal record EmbeddingSmoothing(double Deviation, Generator? Generator)
{
    /// <summary>The embeddings with noise, detached.</summary>
    /// <param name="embeddings">[rows, positions, hidden].</param>
    /// <param name="decoder">The model that they belong to.</param>
    public virtual Tensor Apply(Tensor embeddings, TransformerDecoder decoder)
    {
        using var noGrad = no_grad();
        Tensor plain = embeddings.detach();
        return Deviation == 0
            ? plain
            : plain.Plus(randn(plain.shape, generator: Generator, dtype: plain.dtype, device: Generator!.device).to(plain.device)
                * decoder.EmbeddingDeviation.Times(Deviation));
    }
}
