using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The backward pass of a batch, to its inputs. Owns the tensors that it needs.</summary>
internal abstract class PassTape : IDisposable
{
    /// <summary>The gradient at the inputs. May be called several times with different gradients.</summary>
    /// <param name="gradient">Gradient at the hidden states [tokens, hidden].</param>
    /// <returns>Gradient at the embeddings [tokens, hidden].</returns>
    public abstract Tensor Backward(Tensor gradient);

    public abstract void Dispose();
}

/// <summary>An autograd graph, for devices other than the CPU.</summary>
/// <param name="input">The inputs, a leaf [tokens, hidden].</param>
/// <param name="output">The result computed from them [tokens, hidden].</param>
internal sealed class AutogradTape(Tensor input, Tensor output) : PassTape
{
    public override Tensor Backward(Tensor gradient) => autograd.grad([output], [input], [gradient], retain_graph: true)[0];

    public override void Dispose()
    {
        input.Dispose();
        output.Dispose();
    }
}
