namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// YaRN: keeps frequencies that turn often within the original length, divides those that turn rarely by a factor, and blends those in
/// between by their index. An amplitude sharpens the attention. Peng et al., 2023 (arXiv 2309.00071). Applies to every length.
/// </summary>
/// <param name="Factor">Divisor of the slow frequencies.</param>
/// <param name="YarnAmplitude">Factor of the cosines and sines.</param>
/// <param name="FastIndex">Index up to which frequencies are kept.</param>
/// <param name="SlowIndex">Index from which frequencies are divided.</param>
public sealed record YarnRotaryScaling(double Factor, double YarnAmplitude, double FastIndex, double SlowIndex) : RotaryScaling
{
    /// <summary>Distance that <see cref="SlowIndex"/> is moved after <see cref="FastIndex"/> if they are equal.</summary>
    private const double LeastRange = 0.001;

    /// <inheritdoc/>
    public override double Amplitude => YarnAmplitude;

    /// <summary>Computes the two indexes.</summary>
    /// <param name="factor">Divisor of the slow frequencies.</param>
    /// <param name="amplitude">Factor of the cosines and sines.</param>
    /// <param name="originalPositions">The context length of pre-training, in tokens.</param>
    /// <param name="fastTurns">Number of turns within the original length from which a frequency is kept (beta_fast).</param>
    /// <param name="slowTurns">Number of turns up to which a frequency is divided (beta_slow).</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="rotated">Rotated dimensions of a head.</param>
    /// <param name="wholeIndexes">Whether the range is widened to whole indexes, as in most models.</param>
    public static YarnRotaryScaling Of(
        double factor, double amplitude, int originalPositions, double fastTurns, double slowTurns, double theta, int rotated,
        bool wholeIndexes)
    {
        double IndexOf(double turns) => rotated * Math.Log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
        (double fast, double slow) = (IndexOf(fastTurns), IndexOf(slowTurns));
        if (wholeIndexes)
        {
            (fast, slow) = (Math.Floor(fast), Math.Ceiling(slow));
        }

        (fast, slow) = (Math.Max(fast, 0), Math.Min(slow, rotated - 1));
        return new YarnRotaryScaling(factor, amplitude, fast, slow == fast ? slow + LeastRange : slow);
    }

    /// <summary>The amplitude if config.json does not set it. With DeepSeek's two scales, it is their quotient.</summary>
    public static double DefaultAmplitude(double factor, double? scale, double? scaleOfAll)
    {
        double Amplitude(double by) => factor <= 1 ? 1 : (0.1 * by * Math.Log(factor)) + 1;
        return scale is > 0 && scaleOfAll is > 0 ? Amplitude(scale.Value) / Amplitude(scaleOfAll.Value) : Amplitude(1);
    }

    /// <inheritdoc/>
    public override double Scale(double frequency, int index)
    {
        double divided = Math.Clamp((index - FastIndex) / (SlowIndex - FastIndex), 0, 1);
        return ((1 - divided) * frequency) + (divided * frequency / Factor);
    }
}
