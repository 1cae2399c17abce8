using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>Gumbel noise, free and conditioned on its argmax.</summary>
internal static class GumbelNoise
{
    /// <summary>Smallest lead of the chosen token over every other, in logits: survives fp32 rounding.</summary>
    private const float Lead = 1e-3f;

    /// <summary>Standard Gumbel samples.</summary>
    public static Tensor Sample(long[] shape, Generator generator, Device device) =>
        empty(shape, device: device).exponential_(1, generator).log_().neg_();

    /// <summary>
    /// Perturbed logits phi + G with G Gumbel, given that a chosen token is the argmax: what sampling that token by the
    /// Gumbel-max trick would have left behind, drawn from its exact posterior (Maddison et al., A* sampling, 2014).
    /// </summary>
    /// <param name="logits">Unnormalised log-probabilities phi [rows, vocabulary], fp32; -infinity is allowed.</param>
    /// <param name="chosen">The argmax [rows, 1], int64.</param>
    /// <param name="generator">Source of the noise.</param>
    /// <returns>[rows, vocabulary], its argmax <paramref name="chosen"/>.</returns>
    public static Tensor Posterior(Tensor logits, Tensor chosen, Generator generator)
    {
        Tensor phi = nn.functional.log_softmax(logits, -1);
        // The maximum of Gumbels with locations phi is Gumbel with location logsumexp(phi) = 0, whatever its argmax.
        Tensor top = Sample([phi.shape[0], 1], generator, phi.device);
        Tensor free = phi.Plus(Sample(phi.shape, generator, phi.device));
        Tensor truncated = top.neg().logaddexp(free.neg()).neg();
        return truncated.scatter(1, chosen, top.Plus(Lead));
    }
}
