using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// The straight-through estimator: the forward pass reads argmax tokens, and the backward pass goes through softmax(Y / tau).
/// </summary>
internal static class StraightThrough
{
    /// <summary>The softmax's Jacobian: dU/dY = s (g - s.g) / tau, where s = softmax(Y / tau).</summary>
    /// <param name="logits">Y [positions, vocabulary], fp32; -infinity is a token that never moves.</param>
    /// <param name="relaxed">g = dU/dy [positions, vocabulary].</param>
    /// <param name="temperature">tau.</param>
    /// <returns>dU/dY [positions, vocabulary].</returns>
    public static Tensor Backward(Tensor logits, Tensor relaxed, double temperature)
    {
        if (VocabularyKernels.Serve(logits) && VocabularyKernels.Serve(relaxed))
        {
            Tensor result = empty_like(relaxed);
            VocabularyKernels.SoftmaxBackward(logits, relaxed, result, temperature);
            return result;
        }

        Tensor soft = nn.functional.softmax(logits.Tempered(temperature), -1);
        Tensor descent = (relaxed - (soft * relaxed).sum(-1, keepdim: true)).mul_(soft);
        return temperature == 1 ? descent : descent.DivideInPlace(temperature);
    }
}
