using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Probing;

/// <summary>Puts the mean embedding of several tokens in one position's place.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Weights">Their weights, up to a factor.</param>
/// <param name="Place">The position, from 0.</param>
internal sealed record MeanToken(IReadOnlyList<int> Tokens, IReadOnlyList<double> Weights, int Place) : EmbeddingSmoothing(0, null)
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor embeddings, TransformerDecoder decoder)
    {
        using var noGrad = no_grad();
        Tensor ids = tensor(Tokens.Select(token => (long)token).ToArray(), device: embeddings.device).unsqueeze(0);
        double sum = Weights.Sum();
        Tensor weights = tensor(Weights.Select(weight => (float)(weight / sum)).ToArray(), device: embeddings.device).unsqueeze(0);
        // [1, hidden]
        Tensor mean = weights.matmul(decoder.Embed(ids)[0].to(ScalarType.Float32)).to(embeddings.dtype);
        Tensor changed = embeddings.detach().clone();
        changed.narrow(1, Place, 1).copy_(mean.unsqueeze(0));
        return changed;
    }
}
