using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// One Langevin step on logits: <c>Y &lt;- Y - step(gradient) + noise</c>, the step plain (the paper) or Adam's (COLD). Owns
/// Adam's moments. Knows nothing of energies: any gradient will do.
/// </summary>
internal sealed class LangevinStep : IDisposable
{
    private const double FirstDecay = 0.9;
    private const double SecondDecay = 0.999;
    private const double Epsilon = 1e-8;

    private readonly SeaParameters parameters;
    private readonly Generator generator;
    private readonly Tensor? first;
    private readonly Tensor? second;
    private int iteration;

    /// <summary>Starts at iteration 0.</summary>
    /// <param name="parameters">The step and the noise.</param>
    /// <param name="rows">Rows of the logits seen as [rows, vocabulary].</param>
    /// <param name="vocabulary">Their columns.</param>
    /// <param name="device">Their device.</param>
    /// <param name="generator">Source of the noise.</param>
    public LangevinStep(SeaParameters parameters, long rows, long vocabulary, Device device, Generator generator)
    {
        this.parameters = parameters;
        this.generator = generator;
        if (parameters.Step == SeaStep.Adam)
        {
            first = zeros([rows, vocabulary], ScalarType.Float32, device).DetachFromDisposeScope();
            second = zeros([rows, vocabulary], ScalarType.Float32, device).DetachFromDisposeScope();
        }
    }

    /// <summary>Opens the next iteration; every position is then stepped once.</summary>
    public void BeginIteration() => iteration++;

    /// <summary>Steps a range of positions in place.</summary>
    /// <param name="logits">Y [count, vocabulary], fp32.</param>
    /// <param name="gradient">dU/dY [count, vocabulary].</param>
    /// <param name="active">1 where the position moves, 0 where it rests: [count, 1].</param>
    /// <param name="start">Index of the range's first position.</param>
    public void Apply(Tensor logits, Tensor gradient, Tensor active, long start)
    {
        using var scope = NewDisposeScope();
        if (parameters.Step == SeaStep.Adam && VocabularyKernels.Serve(logits))
        {
            (Tensor, Tensor) moments = (first!.narrow(0, start, gradient.shape[0]), second!.narrow(0, start, gradient.shape[0]));
            VocabularyKernels.AdamStep(
                logits, gradient, moments, active.Times(parameters.StepSize), new AdamSettings(FirstDecay, SecondDecay, Epsilon, iteration));
        }
        else
        {
            Tensor step = parameters.Step == SeaStep.Adam ? AdamDirection(gradient, start) : gradient;
            logits.AddProductInPlace(step, active, -parameters.StepSize);
        }

        double deviation = NoiseDeviation();
        if (deviation > 0)
        {
            logits.AddProductInPlace(randn(logits.shape, generator: generator, device: logits.device), active, deviation);
        }
    }

    public void Dispose()
    {
        first?.Dispose();
        second?.Dispose();
    }

    private Tensor AdamDirection(Tensor gradient, long start)
    {
        Tensor mean = first!.narrow(0, start, gradient.shape[0]);
        Tensor square = second!.narrow(0, start, gradient.shape[0]);
        mean.MultiplyInPlace(FirstDecay).AddInPlace(gradient, 1 - FirstDecay);
        square.MultiplyInPlace(SecondDecay).AddProductInPlace(gradient, gradient, 1 - SecondDecay);
        Tensor corrected = square.DividedBy(1 - Math.Pow(SecondDecay, iteration)).sqrt_().AddInPlace(Epsilon);
        return mean.DividedBy(1 - Math.Pow(FirstDecay, iteration)).div_(corrected);
    }

    private double NoiseDeviation() => parameters.Noise switch
    {
        SeaNoise.Paper => parameters.NoiseScale,
        SeaNoise.Langevin => Math.Sqrt(2 * parameters.StepSize * parameters.NoiseTemperature),
        SeaNoise.Annealed => Math.Sqrt(2 * parameters.StepSize * parameters.NoiseTemperature
            * Math.Max(0, 1 - (double)iteration / parameters.Iterations)),
        _ => 0,
    };
}
