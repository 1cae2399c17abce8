using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The operations between a layer's matrix products on CPU tensors, other than attention: norms, sums and the gate, each in one pass over
/// memory. libtorch has no fused operators for them. Composed of its operators, an RMSNorm alone takes seven passes.
/// </summary>
internal abstract class LayerKernels
{
    private static readonly LayerKernels Single = new LayerKernels<float, SingleFormat>();
    private static readonly LayerKernels BFloat16 = new LayerKernels<ushort, BFloat16Format>();

    /// <summary>The kernels for a number format, or null if there are none.</summary>
    public static LayerKernels? Of(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => Single,
        ScalarType.BFloat16 => BFloat16,
        _ => null,
    };

    /// <summary>RMSNorm of rows [tokens, hidden].</summary>
    public abstract void Norm(Tensor input, Tensor weight, Tensor output, TransformerConfig config);

    /// <summary>sum = input + branch, and output = its RMSNorm. The sum may overwrite the input. All are [tokens, hidden].</summary>
    public abstract void AddNorm(Tensor input, Tensor branch, Tensor sum, Tensor weight, Tensor output, TransformerConfig config);

    /// <summary>The gradient at the input of an RMSNorm, which is added to <paramref name="inputGradient"/> or overwrites it.</summary>
    public abstract void NormBackward(
        Tensor input, Tensor weight, Tensor outputGradient, Tensor inputGradient, TransformerConfig config, bool add);

    /// <summary>activation(gate) * up: [tokens, 2 * width] to [tokens, width].</summary>
    public abstract void Gate(Tensor gateUp, Tensor activated, Activation activation);

    /// <summary>The gradients at gate and up [tokens, 2 * width].</summary>
    public abstract void GateBackward(Tensor gateUp, Tensor gradient, Tensor both, Activation activation);
}
