using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>Adam with decoupled weight decay and a bound on the gradient's norm, over leaf tensors.</summary>
/// <remarks>Loshchilov and Hutter, "Decoupled weight decay regularization", 2019. TorchSharp's own takes Parameters only.</remarks>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.98;
    private const double Epsilon = 1e-8;
    private const double WeightDecay = 0.01;
    private const double MaxGradientNorm = 1.0;

    private readonly Tensor[] _leaves;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;
    private int _steps;

    /// <summary>Makes the leaves trainable.</summary>
    public AdamW(IEnumerable<Tensor> leaves)
    {
        _leaves = [.. leaves];
        foreach (var leaf in _leaves)
        {
            leaf.requires_grad = true;
        }

        _means = [.. _leaves.Select(leaf => zeros_like(leaf).DetachFromDisposeScope())];
        _squares = [.. _leaves.Select(leaf => zeros_like(leaf).DetachFromDisposeScope())];
    }

    /// <summary>Takes one step along the leaves' gradients and clears them.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _steps++;
        var gradients = _leaves.Select(leaf => leaf.grad ?? throw new InvalidOperationException("A weight has no gradient.")).ToArray();
        var norm = Math.Sqrt(gradients.Sum(gradient => gradient.Squared().sum().item<float>()));
        var clip = Math.Min(1, MaxGradientNorm / (norm + 1e-6));
        var meanCorrection = 1 - Math.Pow(Beta1, _steps);
        var squareCorrection = Math.Sqrt(1 - Math.Pow(Beta2, _steps));
        for (var i = 0; i < _leaves.Length; i++)
        {
            var gradient = gradients[i].MultiplyInPlace(clip);
            _means[i].MultiplyInPlace(Beta1).AddInPlace(gradient, 1 - Beta1);
            _squares[i].MultiplyInPlace(Beta2).AddProductInPlace(gradient, gradient, 1 - Beta2);
            var divisor = _squares[i].sqrt().DivideInPlace(squareCorrection).AddInPlace(Epsilon);
            if (_leaves[i].dim() > 1)
            {
                _leaves[i].MultiplyInPlace(1 - (learningRate * WeightDecay));
            }

            _leaves[i].AddQuotientInPlace(_means[i], divisor, -learningRate / meanCorrection);
            gradients[i].zero_();
        }
    }

    /// <summary>Frees its own tensors and makes the leaves constant again.</summary>
    public void Dispose()
    {
        foreach (var leaf in _leaves)
        {
            leaf.requires_grad = false;
        }

        foreach (var tensor in _means.Concat(_squares))
        {
            tensor.Dispose();
        }
    }
}
