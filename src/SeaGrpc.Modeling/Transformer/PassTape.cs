using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The backward pass of a batch, to its inputs. Owns the tensors that it needs.</summary>
internal abstract class PassTape : IDisposable
{
    /// <summary>The gradient at the inputs. May be called several times with different gradients.</summary>
    /// <param name="gradient">Gradient at the hidden states [tokens, hidden].</param>
    /// <param name="starts">
    /// First token positions of the passes that have a gradient. That of the others is 0, and their jobs may have ended and freed their
    /// caches.
    /// </param>
    /// <returns>Gradient at the inputs [tokens, hidden].</returns>
    public abstract Tensor Backward(Tensor gradient, IReadOnlyCollection<long> starts);

    public abstract void Dispose();
}

/// <summary>An autograd graph, for devices other than the CPU.</summary>
/// <param name="input">The inputs, a leaf [tokens, hidden].</param>
/// <param name="output">The result computed from them [tokens, hidden].</param>
internal sealed class AutogradTape(Tensor input, Tensor output) : PassTape
{
    public override Tensor Backward(Tensor gradient, IReadOnlyCollection<long> starts) =>
        autograd.grad([output], [input], [gradient], retain_graph: true)[0];

    public override void Dispose()
    {
        input.Dispose();
        output.Dispose();
    }
}
