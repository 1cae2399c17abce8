using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>Randomised smoothing: fresh Gaussian noise on embeddings, measured in standard deviations of the embedding matrix.</summary>
internal static class EmbeddingSmoothing
{
    /// <summary>The embeddings with noise, detached.</summary>
    public static Tensor Apply(Tensor embeddings, TransformerDecoder decoder, SeaParameters parameters, Generator generator)
    {
        using var noGrad = no_grad();
        Tensor plain = embeddings.detach();
        return parameters.EmbeddingNoise == 0
            ? plain
            : plain.Plus(randn(plain.shape, generator: generator, dtype: plain.dtype, device: generator.device).to(plain.device)
                * decoder.EmbeddingDeviation.Times(parameters.EmbeddingNoise));
    }
}
