using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>The temperature of the softmax over Y.</summary>
internal static class Tempering
{
    /// <summary>
    /// Y / tau, read-only. It is Y itself if tau is 1, as in every preset, because each pass over the vocabulary is costly.
    /// </summary>
    /// <param name="logits">Y [..., vocabulary].</param>
    /// <param name="temperature">tau.</param>
    /// <returns>The same shape.</returns>
    public static Tensor Tempered(this Tensor logits, double temperature) => temperature == 1 ? logits : logits.DividedBy(temperature);
}
