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

    private readonly Tensor[] leaves;
    private readonly Tensor[] means;
    private readonly Tensor[] squares;
    private int steps;

    /// <summary>Makes the leaves trainable.</summary>
    public AdamW(IEnumerable<Tensor> leaves)
    {
        this.leaves = [.. leaves];
        foreach (var leaf in this.leaves)
        {
            leaf.requires_grad = true;
        }

        means = [.. this.leaves.Select(leaf => zeros_like(leaf).DetachFromDisposeScope())];
        squares = [.. this.leaves.Select(leaf => zeros_like(leaf).DetachFromDisposeScope())];
    }

    /// <summary>Takes one step along the leaves' gradients and clears them.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        steps++;
        var gradients = leaves.Select(leaf => leaf.grad ?? throw new InvalidOperationException("A weight has no gradient.")).ToArray();
        var norm = Math.Sqrt(gradients.Sum(gradient => gradient.Squared().sum().item<float>()));
        var clip = Math.Min(1, MaxGradientNorm / (norm + 1e-6));
        var meanCorrection = 1 - Math.Pow(Beta1, steps);
        var squareCorrection = Math.Sqrt(1 - Math.Pow(Beta2, steps));
        for (var i = 0; i < leaves.Length; i++)
        {
            var gradient = gradients[i].MultiplyInPlace(clip);
            means[i].MultiplyInPlace(Beta1).AddInPlace(gradient, 1 - Beta1);
            squares[i].MultiplyInPlace(Beta2).AddProductInPlace(gradient, gradient, 1 - Beta2);
            var divisor = squares[i].sqrt().DivideInPlace(squareCorrection).AddInPlace(Epsilon);
            if (leaves[i].dim() > 1)
            {
                leaves[i].MultiplyInPlace(1 - (learningRate * WeightDecay));
            }

            leaves[i].AddQuotientInPlace(means[i], divisor, -learningRate / meanCorrection);
            gradients[i].zero_();
        }
    }

    /// <summary>Frees its own tensors and makes the leaves constant again.</summary>
    public void Dispose()
    {
        foreach (var leaf in leaves)
        {
            leaf.requires_grad = false;
        }

        foreach (var tensor in means.Concat(squares))
        {
            tensor.Dispose();
        }
    }
}
