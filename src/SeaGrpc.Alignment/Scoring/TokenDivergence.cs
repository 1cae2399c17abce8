using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>Divergence of a distribution over the vocabulary from the reference policy's, at each position.</summary>
internal static class TokenDivergence
{
    /// <summary>KL(distribution || reference) in nats.</summary>
    /// <param name="distribution">Log-probabilities [positions, vocabulary]; -infinity for a masked token.</param>
    /// <param name="reference">The reference policy's log-probabilities [positions, vocabulary]; finite.</param>
    /// <returns>[positions].</returns>
    public static Tensor Of(Tensor distribution, Tensor reference)
    {
        // exp(-inf) (-inf - log p) is 0 by convention, because a masked token has no probability. It is computed as 0 times a finite
        // number.
        return (distribution - reference).RaiseInPlace(float.MinValue).mul_(distribution.exp()).sum(-1);
    }

    /// <summary>KL(softmax(Y / tau) || reference) in nats.</summary>
    /// <param name="logits">Y [rows, positions, vocabulary].</param>
    /// <param name="temperature">tau.</param>
    /// <param name="reference">The reference policy's log-probabilities of some of the positions [count, vocabulary]; finite.</param>
    /// <param name="start">The first of them, counted over all rows.</param>
    /// <returns>[count].</returns>
    public static Tensor Of(Tensor logits, double temperature, Tensor reference, long start)
    {
        Tensor rows = logits.view(-1, logits.shape[2]).narrow(0, start, reference.shape[0]);
        return VocabularyKernels.Serve(rows) && VocabularyKernels.Serve(reference)
            ? VocabularyKernels.Divergence(rows, temperature, reference)
            : Of(nn.functional.log_softmax(rows.Tempered(temperature), -1), reference);
    }
}
