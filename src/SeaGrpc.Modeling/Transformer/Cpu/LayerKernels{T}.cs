using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Layer kernels for tensors of one number format.</summary>
internal sealed unsafe class LayerKernels<T, TFormat> : LayerKernels
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    public override void Norm(Tensor input, Tensor weight, Tensor output, TransformerConfig config)
    {
        long width = input.shape[1];
        T* x = Numbers(input);
        T* w = Numbers(weight);
        T* y = Numbers(output);
        (float epsilon, bool offset) = ((float)config.RmsNormEpsilon, config.NormUnitOffset);
        RowLoop.Run(input.shape[0], 2 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                NormKernels<T, TFormat>.Forward(x + (row * width), w, y + (row * width), width, epsilon, offset);
            }
        });
    }

    public override void AddNorm(Tensor input, Tensor branch, Tensor sum, Tensor weight, Tensor output, TransformerConfig config)
    {
        long width = input.shape[1];
        T* x = Numbers(input);
        T* added = Numbers(branch);
        T* total = Numbers(sum);
        T* w = Numbers(weight);
        T* y = Numbers(output);
        (float epsilon, bool offset) = ((float)config.RmsNormEpsilon, config.NormUnitOffset);
        RowLoop.Run(input.shape[0], 3 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                long at = row * width;
                NormKernels<T, TFormat>.AddForward(x + at, added + at, total + at, w, y + at, width, epsilon, offset);
            }
        });
    }

    public override void NormBackward(
        Tensor input, Tensor weight, Tensor outputGradient, Tensor inputGradient, TransformerConfig config, bool add)
    {
        long width = input.shape[1];
        T* x = Numbers(input);
        T* w = Numbers(weight);
        T* dy = Numbers(outputGradient);
        T* dx = Numbers(inputGradient);
        (float epsilon, bool offset) = ((float)config.RmsNormEpsilon, config.NormUnitOffset);
        RowLoop.Run(input.shape[0], 4 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                long at = row * width;
                NormKernels<T, TFormat>.Backward(x + at, w, dy + at, dx + at, width, epsilon, offset, add);
            }
        });
    }

    public override void Gate(Tensor gateUp, Tensor activated, Activation activation)
    {
        long width = activated.shape[1];
        T* both = Numbers(gateUp);
        T* product = Numbers(activated);
        RowLoop.Run(activated.shape[0], 4 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                GateKernels<T, TFormat>.Forward(both + (row * 2 * width), product + (row * width), width, activation);
            }
        });
    }

    public override void GateBackward(Tensor gateUp, Tensor gradient, Tensor both, Activation activation)
    {
        long width = gradient.shape[1];
        T* inputs = Numbers(gateUp);
        T* outer = Numbers(gradient);
        T* result = Numbers(both);
        RowLoop.Run(gradient.shape[0], 6 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                GateKernels<T, TFormat>.Backward(
                    inputs + (row * 2 * width),
                    outer + (row * width),
                    result + (row * 2 * width),
                    width,
                    activation
                );
            }
        });
    }

    private static T* Numbers(Tensor tensor) => TensorPointer.Of<T>(tensor);
}
