using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Loaded;

/// <summary>Samples tokens from logits by inverting their distribution function, with one random number per row.</summary>
internal static class TokenSampling
{
    /// <summary>One token per row from softmax(logits / temperature).</summary>
    /// <param name="logits">[rows, vocabulary], fp32; -infinity is never drawn.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="generator">Source of random numbers.</param>
    /// <param name="topK">Number of most likely tokens to sample from; 0 for all.</param>
    /// <returns>Ids [rows], int64.</returns>
    public static Tensor Draw(Tensor logits, double temperature, Generator generator, int topK = 0)
    {
        Tensor kept = topK > 0 && topK < logits.shape[1] ? KeepTop(logits, topK) : logits;
        Tensor distribution = nn.functional.softmax(kept.DividedBy(temperature), -1).cumsum(-1, ScalarType.Float64);
        // In (0, 1], so that no token of probability 0 is drawn.
        Tensor quantile = ones([kept.shape[0], 1], ScalarType.Float64, kept.device)
            - rand([kept.shape[0], 1], generator: generator, dtype: ScalarType.Float64, device: kept.device);
        return searchsorted(distribution, quantile * distribution.narrow(1, distribution.shape[1] - 1, 1)).squeeze(1);
    }

    /// <summary>The largest k logits of each row, and -infinity in place of the others.</summary>
    /// <param name="logits">[rows, vocabulary].</param>
    /// <param name="k">At least 1.</param>
    public static Tensor KeepTop(Tensor logits, int k)
    {
        (Tensor values, _) = logits.topk(k, -1);
        return logits.FilledWhere(logits < values.narrow(1, k - 1, 1), float.NegativeInfinity);
    }
}
