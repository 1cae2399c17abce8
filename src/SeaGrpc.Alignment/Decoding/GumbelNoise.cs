using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>Gumbel noise, unconditional and conditioned on its argmax.</summary>
internal static class GumbelNoise
{
    /// <summary>Minimum lead of the chosen token over every other, in logits, so that it survives rounding to fp32.</summary>
    private const float Lead = 1e-3f;

    /// <summary>Standard Gumbel samples.</summary>
    public static Tensor Sample(long[] shape, Generator generator, Device device) =>
        empty(shape, device: device).exponential_(1, generator).log_().neg_();

    /// <summary>
    /// Random numbers for <see cref="Posterior"/>: the noise of each row's maximum [rows, 1], and of every token [rows, vocabulary].
    /// </summary>
    public static (Tensor Top, Tensor Free) Draw(long rows, long vocabulary, Generator generator, Device device) =>
        (Sample([rows, 1], generator, device), Sample([rows, vocabulary], generator, device));

    /// <summary>
    /// Perturbed logits phi + G, with Gumbel noise G, conditioned on a chosen token being the argmax. This is a draw from the exact
    /// posterior of the perturbed logits after sampling that token by the Gumbel-max trick (Maddison et al., A* sampling, 2014).
    /// </summary>
    /// <param name="logits">Unnormalised log-probabilities phi [rows, vocabulary], fp32; -infinity is allowed.</param>
    /// <param name="chosen">The argmax [rows, 1], int64.</param>
    /// <param name="noise">The random numbers from <see cref="Draw"/>.</param>
    /// <returns>[rows, vocabulary], with argmax <paramref name="chosen"/>.</returns>
    public static Tensor Posterior(Tensor logits, Tensor chosen, (Tensor Top, Tensor Free) noise)
    {
        Tensor phi = nn.functional.log_softmax(logits, -1);
        // The maximum of Gumbel variables with locations phi is Gumbel with location logsumexp(phi) = 0, whatever its argmax.
        Tensor free = phi.Plus(noise.Free);
        Tensor truncated = noise.Top.neg().logaddexp(free.neg()).neg();
        return truncated.scatter(1, chosen, noise.Top.Plus(Lead));
    }
}
