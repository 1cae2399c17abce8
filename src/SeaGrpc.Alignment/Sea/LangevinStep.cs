using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// One Langevin step on logits: <c>Y &lt;- Y - step(gradient) + noise</c>, with a plain step (the paper) or Adam's (COLD). Owns Adam's
/// moments. Independent of the energy: any gradient can be used.
/// </summary>
internal sealed class LangevinStep : IDisposable
{
    private const double FirstDecay = 0.9;
    private const double SecondDecay = 0.999;
    private const double Epsilon = 1e-8;

    private readonly SeaParameters _parameters;
    private readonly Generator _generator;
    private readonly Tensor? _first;
    private readonly Tensor? _second;
    private int _iteration;

    /// <summary>Starts at iteration 0.</summary>
    /// <param name="parameters">The step and the noise.</param>
    /// <param name="rows">Number of rows of the logits, seen as [rows, vocabulary].</param>
    /// <param name="vocabulary">Number of their columns.</param>
    /// <param name="device">Their device.</param>
    /// <param name="generator">Source of the noise.</param>
    public LangevinStep(SeaParameters parameters, long rows, long vocabulary, Device device, Generator generator)
    {
        _parameters = parameters;
        _generator = generator;
        if (parameters.Step == SeaStep.Adam)
        {
            _first = zeros([rows, vocabulary], ScalarType.Float32, device).DetachFromDisposeScope();
            _second = zeros([rows, vocabulary], ScalarType.Float32, device).DetachFromDisposeScope();
        }
    }

    /// <summary>Starts the next iteration, in which every position is stepped once.</summary>
    public void BeginIteration() => _iteration++;

    /// <summary>Steps a range of positions in place.</summary>
    /// <param name="logits">Y [count, vocabulary], fp32.</param>
    /// <param name="gradient">dU/dY [count, vocabulary].</param>
    /// <param name="active">1 if the position moves, 0 if it does not: [count, 1].</param>
    /// <param name="start">Index of the range's first position.</param>
    public void Apply(Tensor logits, Tensor gradient, Tensor active, long start)
    {
        using var scope = NewDisposeScope();
        if (_parameters.Step == SeaStep.Adam && VocabularyKernels.Serve(logits))
        {
            (Tensor, Tensor) moments = (_first!.narrow(0, start, gradient.shape[0]), _second!.narrow(0, start, gradient.shape[0]));
            VocabularyKernels.AdamStep(
                logits, gradient, moments, active.Times(_parameters.StepSize),
                new AdamSettings(FirstDecay, SecondDecay, Epsilon, _iteration));
        }
        else
        {
            Tensor step = _parameters.Step == SeaStep.Adam ? AdamDirection(gradient, start) : gradient;
            logits.AddProductInPlace(step, active, -_parameters.StepSize);
        }

        double deviation = NoiseDeviation();
        if (deviation > 0)
        {
            logits.AddProductInPlace(randn(logits.shape, generator: _generator, device: logits.device), active, deviation);
        }
    }

    public void Dispose()
    {
        _first?.Dispose();
        _second?.Dispose();
    }

    private Tensor AdamDirection(Tensor gradient, long start)
    {
        Tensor mean = _first!.narrow(0, start, gradient.shape[0]);
        Tensor square = _second!.narrow(0, start, gradient.shape[0]);
        mean.MultiplyInPlace(FirstDecay).AddInPlace(gradient, 1 - FirstDecay);
        square.MultiplyInPlace(SecondDecay).AddProductInPlace(gradient, gradient, 1 - SecondDecay);
        Tensor corrected = square.DividedBy(1 - Math.Pow(SecondDecay, _iteration)).sqrt_().AddInPlace(Epsilon);
        return mean.DividedBy(1 - Math.Pow(FirstDecay, _iteration)).div_(corrected);
    }

    private double NoiseDeviation() => _parameters.Noise switch
    {
        SeaNoise.Paper => _parameters.NoiseScale,
        SeaNoise.Langevin => Math.Sqrt(2 * _parameters.StepSize * _parameters.NoiseTemperature),
        SeaNoise.Annealed => Math.Sqrt(2 * _parameters.StepSize * _parameters.NoiseTemperature
            * Math.Max(0, 1 - (double)_iteration / _parameters.Iterations)),
        _ => 0,
    };
}
