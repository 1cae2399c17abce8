using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The backward pass of a batch's forward pass, to what entered it. Owns what it needs.</summary>
internal abstract class PassTape : IDisposable
{
    /// <summary>The gradient at the inputs; may be called again, with another gradient.</summary>
    /// <param name="gradient">At the hidden states [tokens, hidden].</param>
    /// <returns>At the embeddings [tokens, hidden].</returns>
    public abstract Tensor Backward(Tensor gradient);

    public abstract void Dispose();
}

/// <summary>A graph of autograd: on other devices than the CPU.</summary>
/// <param name="input">The inputs, a leaf [tokens, hidden].</param>
/// <param name="output">What was made of them [tokens, hidden].</param>
internal sealed class AutogradTape(Tensor input, Tensor output) : PassTape
{
    public override Tensor Backward(Tensor gradient) => autograd.grad([output], [input], [gradient], retain_graph: true)[0];

    public override void Dispose()
    {
        input.Dispose();
        output.Dispose();
    }
}
