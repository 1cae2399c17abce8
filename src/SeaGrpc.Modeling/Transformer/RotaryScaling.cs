namespace SeaGrpc.Modeling.Transformer;

/// <summary>How a checkpoint changes the rotary frequencies theta^(-2i/d) to read longer texts than in pre-training.</summary>
public abstract record RotaryScaling
{
    /// <summary>Factor of the cosines and sines, usually 1.</summary>
    public virtual double Amplitude => 1;

    /// <summary>Returns the changed frequency.</summary>
    /// <param name="frequency">Radians per position.</param>
    /// <param name="index">Index of the frequency, from the fastest.</param>
    public abstract double Scale(double frequency, int index);
}

/// <summary>Position interpolation: divides every frequency by one factor. Chen et al., 2023 (arXiv 2306.15595).</summary>
/// <param name="Factor">The factor.</param>
public sealed record LinearRotaryScaling(double Factor) : RotaryScaling
{
    /// <inheritdoc/>
    public override double Scale(double frequency, int index) => frequency / Factor;
}

/// <summary>The scaling of Llama 3.1: divides slow frequencies by a factor, keeps fast ones, and blends those in between.</summary>
/// <remarks>Source: apply_scaling in Meta's llama-models; transformers calls it rope_type llama3.</remarks>
/// <param name="Factor">Divisor of the slow frequencies.</param>
/// <param name="LowFrequencyFactor">Number of turns within the original length up to which a frequency is slow.</param>
/// <param name="HighFrequencyFactor">Number of turns from which a frequency is fast.</param>
/// <param name="OriginalPositions">The context length of pre-training, in tokens.</param>
public sealed record Llama3RotaryScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalPositions)
    : RotaryScaling
{
    /// <inheritdoc/>
    public override double Scale(double frequency, int index)
    {
        double turns = OriginalPositions * frequency / (2 * Math.PI);
        double kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}

/// <summary>The short form of LongRoPE: a divisor for each frequency, and an amplitude. Ding et al., 2024 (arXiv 2402.13753).</summary>
/// <remarks>Exact up to the original length. Beyond it the authors use other divisors, which would invalidate cached keys.</remarks>
/// <param name="Divisors">One divisor for each frequency.</param>
/// <param name="LongAmplitude">Factor of the cosines and sines.</param>
public sealed record LongRotaryScaling(IReadOnlyList<double> Divisors, double LongAmplitude) : RotaryScaling
{
    /// <inheritdoc/>
    public override double Amplitude => LongAmplitude;

    /// <inheritdoc/>
    public override double Scale(double frequency, int index) => frequency / Divisors[index];
}
