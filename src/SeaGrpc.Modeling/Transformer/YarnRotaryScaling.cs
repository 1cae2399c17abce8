namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// YaRN: frequencies that turn often within the original length are kept, those that turn seldom divided by a factor, and those between
/// blended by their index; an amplitude sharpens the attention. Peng et al., 2023 (arXiv 2309.00071). Holds for every length.
/// </summary>
/// <param name="Factor">Divisor of the slow frequencies.</param>
/// <param name="YarnAmplitude">Factor of the cosines and sines.</param>
/// <param name="FastIndex">Index up to which frequencies are kept.</param>
/// <param name="SlowIndex">Index from which they are divided.</param>
public sealed record YarnRotaryScaling(double Factor, double YarnAmplitude, double FastIndex, double SlowIndex) : RotaryScaling
{
    /// <summary>How much <see cref="SlowIndex"/> is put behind <see cref="FastIndex"/> where they are one.</summary>
    private const double LeastRange = 0.001;

    /// <inheritdoc/>
    public override double Amplitude => YarnAmplitude;

    /// <summary>Finds the two indexes.</summary>
    /// <param name="factor">Divisor of the slow frequencies.</param>
    /// <param name="amplitude">Factor of the cosines and sines.</param>
    /// <param name="originalPositions">The length in tokens that the model was pre-trained on.</param>
    /// <param name="fastTurns">Turns within the original length from which a frequency is kept (beta_fast).</param>
    /// <param name="slowTurns">Turns up to which it is divided (beta_slow).</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="rotated">Rotated dimensions of a head.</param>
    /// <param name="wholeIndexes">Whether the range is widened to whole indexes, as all but few models have it.</param>
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

    /// <summary>The amplitude where config.json names none; with DeepSeek's two scales, their quotient.</summary>
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
