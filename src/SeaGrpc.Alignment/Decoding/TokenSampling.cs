using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>Draws tokens from logits by the Gumbel-max trick.</summary>
internal static class TokenSampling
{
    /// <summary>One token per row from softmax(logits / temperature).</summary>
    /// <param name="logits">[rows, vocabulary], fp32; -infinity is never drawn.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="generator">Source of the noise.</param>
    /// <param name="topK">Draw among the k likeliest only; 0 is all.</param>
    /// <returns>Ids [rows], int64.</returns>
    public static Tensor Draw(Tensor logits, double temperature, Generator generator, int topK = 0)
    {
        Tensor kept = topK > 0 && topK < logits.shape[1] ? KeepTop(logits, topK) : logits;
        return (kept.div(temperature) + GumbelNoise.Sample(kept.shape, generator, kept.device)).argmax(-1);
    }

    private static Tensor KeepTop(Tensor logits, int k)
    {
        (Tensor values, _) = logits.topk(k, -1);
        return logits.masked_fill(logits < values.narrow(1, k - 1, 1), float.NegativeInfinity);
    }
}
