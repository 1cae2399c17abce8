using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>Adam with decoupled weight decay and a bound on the gradient's norm, over leaf tensors.</summary>
/// <remarks>
/// Loshchilov and Hutter, "Decoupled weight decay regularization", 2019. TorchSharp's own takes Parameters only. A leaf in a narrower
/// format than fp32 has a master copy in fp32, which takes the steps; the leaf is its rounding.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.98;
    private const double Epsilon = 1e-8;
    private const double WeightDecay = 0.01;
    private const double MaxGradientNorm = 1.0;

    private readonly Tensor[] _leaves;
    private readonly Tensor[] _weights;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;

    /// <summary>Makes the leaves trainable.</summary>
    public AdamW(IEnumerable<Tensor> leaves)
    {
        _leaves = [.. leaves];
        using var noGrad = no_grad();
        _weights = [.. _leaves.Select(leaf => IsWide(leaf) ? leaf : leaf.to(ScalarType.Float32).DetachFromDisposeScope())];
        _means = [.. _weights.Select(weight => zeros_like(weight).DetachFromDisposeScope())];
        _squares = [.. _weights.Select(weight => zeros_like(weight).DetachFromDisposeScope())];
        foreach (var leaf in _leaves)
        {
            leaf.requires_grad = true;
        }
    }

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Takes one step along the leaves' gradients and clears them.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Steps++;
        var gradients = _leaves.Select(leaf => leaf.grad ?? throw new InvalidOperationException("A weight has no gradient.")).ToArray();
        var norm = Math.Sqrt(gradients.Sum(SquaredNorm));
        var clip = Math.Min(1, MaxGradientNorm / (norm + 1e-6));
        var meanCorrection = 1 - Math.Pow(Beta1, Steps);
        var squareCorrection = Math.Sqrt(1 - Math.Pow(Beta2, Steps));
        for (var i = 0; i < _leaves.Length; i++)
        {
            using var within = NewDisposeScope();
            var gradient = Wide(gradients[i]).MultiplyInPlace(clip);
            _means[i].MultiplyInPlace(Beta1).AddInPlace(gradient, 1 - Beta1);
            _squares[i].MultiplyInPlace(Beta2).AddProductInPlace(gradient, gradient, 1 - Beta2);
            var divisor = _squares[i].sqrt().DivideInPlace(squareCorrection).AddInPlace(Epsilon);
            if (_weights[i].dim() > 1)
            {
                _weights[i].MultiplyInPlace(1 - (learningRate * WeightDecay));
            }

            _weights[i].AddQuotientInPlace(_means[i], divisor, -learningRate / meanCorrection);
            if (!IsWide(_leaves[i]))
            {
                _leaves[i].copy_(_weights[i]);
            }

            gradients[i].zero_();
        }
    }

    /// <summary>All that later steps depend on besides <see cref="Steps"/>, in fp32, by name. The tensors stay this object's.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() => Enumerable.Range(0, _leaves.Length).SelectMany(i => new[]
    {
        ($"weight.{i}", _weights[i]),
        ($"mean.{i}", _means[i]),
        ($"square.{i}", _squares[i]),
    });

    /// <summary>Goes on where another optimiser of the same leaves stood.</summary>
    /// <param name="steps">Its steps.</param>
    /// <param name="read">Reads a tensor of its <see cref="State"/> into one of the same shape.</param>
    public void Restore(int steps, Action<string, Tensor> read)
    {
        using var noGrad = no_grad();
        foreach (var (name, value) in State())
        {
            read(name, value);
        }

        for (var i = 0; i < _leaves.Length; i++)
        {
            if (!IsWide(_leaves[i]))
            {
                _leaves[i].copy_(_weights[i]);
            }
        }

        Steps = steps;
    }

    /// <summary>Frees its own tensors and makes the leaves constant again.</summary>
    public void Dispose()
    {
        foreach (var leaf in _leaves)
        {
            leaf.requires_grad = false;
        }

        foreach (var tensor in _means.Concat(_squares).Concat(_weights.Where((_, i) => !IsWide(_leaves[i]))))
        {
            tensor.Dispose();
        }
    }

    private static bool IsWide(Tensor tensor) => tensor.dtype == ScalarType.Float32;

    private static Tensor Wide(Tensor gradient) => IsWide(gradient) ? gradient : gradient.to(ScalarType.Float32);

    private static float SquaredNorm(Tensor gradient)
    {
        using var within = NewDisposeScope();
        return Wide(gradient).Squared().sum().item<float>();
    }
}
