using System.Buffers;
using System.Runtime.Intrinsics;
using SeaGrpc.Modeling.Transformer.Cpu;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// Products with a weight matrix: own kernels for float32, and for a few rows in bfloat16, on processors with 512-bit vectors; libtorch's
/// elsewhere.
/// </summary>
/// <remarks>
/// libtorch copies the whole matrix into another layout for every product. A pass over a few tokens spends most of its time there. The own
/// kernels read the matrix where it is, once (<see cref="ProductKernels"/>, <see cref="BFloat16Products"/>), and add in an order that
/// depends neither on the number of rows nor on that of threads. In float32 a row's result therefore does not depend on what it is computed
/// together with. In bfloat16 libtorch is faster with many rows, so that it does.
/// </remarks>
public static class MatrixProducts
{
    /// <summary>Below this number of multiplications per thread, the work is finished before another thread would start.</summary>
    private const long LeastWork = 1 << 20;

    /// <summary>Up to so many rows, the own bfloat16 kernel is faster than libtorch's products.</summary>
    private const long FewRows = 12;

    /// <summary>Whether products on the CPU are computed by the own kernels: all in float32, those of a few rows in bfloat16.</summary>
    internal static bool AreOwn => Vector512.IsHardwareAccelerated;

    /// <summary>
    /// Whether the product of a tensor with a weight is computed by the own kernels, and a row's result therefore depends on nothing else.
    /// </summary>
    /// <param name="dtype">Number format of both.</param>
    /// <param name="device">Device of both.</param>
    internal static bool AreOwnFor(ScalarType dtype, Device device) =>
        AreOwn && dtype == ScalarType.Float32 && device.type == TorchSharp.DeviceType.CPU;

    /// <summary>output = input weight^T + bias, without gradients.</summary>
    /// <param name="input">[rows, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="output">[rows, outputs]; overwritten. No view of the input.</param>
    internal static void Forward(Tensor input, Tensor weight, Tensor? bias, Tensor output)
    {
        if (IsOwn(input, weight, output))
        {
            Forward(input, weight, bias, output, ComputeThreads.Count);
            return;
        }

        if (IsFew(input, weight) && output.is_contiguous() && output.dtype == ScalarType.BFloat16)
        {
            ForwardFew(input, weight, bias, output, ComputeThreads.Count);
            return;
        }

        if (bias is not null)
        {
            output.copy_(bias.expand(output.shape));
        }

        output.addmm_(input, weight.t(), bias is null ? 0 : 1, 1);
    }

    /// <summary>The gradient at the input of <see cref="Forward(Tensor, Tensor, Tensor?, Tensor)"/>: outputGradient weight.</summary>
    /// <param name="outputGradient">[rows, outputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="inputGradient">[rows, inputs]; overwritten. No view of the other gradient.</param>
    internal static void Backward(Tensor outputGradient, Tensor weight, Tensor inputGradient)
    {
        if (IsOwn(outputGradient, weight, inputGradient))
        {
            Backward(outputGradient, weight, inputGradient, ComputeThreads.Count);
            return;
        }

        inputGradient.addmm_(outputGradient, weight, 0, 1);
    }

    /// <summary>input weight^T, with gradients where they are required.</summary>
    /// <param name="input">[..., inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <returns>[..., outputs].</returns>
    public static Tensor Linear(Tensor input, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        bool hasGradient = is_grad_enabled() && (input.requires_grad || weight.requires_grad);
        bool isOwn = AreOwnFor(input.dtype, input.device) && weight.dtype == input.dtype && weight.is_contiguous();
        if (hasGradient || (!isOwn && !IsFew(input, weight)))
        {
            return nn.functional.linear(input, weight);
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor output = empty([.. input.shape[..^1], weight.shape[0]], input.dtype, input.device);
        Forward(input.contiguous().view(-1, weight.shape[1]), weight, bias: null, output.view(-1, weight.shape[0]));
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>The gradient at the input of <see cref="Linear"/>: outputGradient weight, without gradients of its own.</summary>
    /// <param name="outputGradient">[rows, outputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <returns>[rows, inputs].</returns>
    public static Tensor Gradient(Tensor outputGradient, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(outputGradient);
        ArgumentNullException.ThrowIfNull(weight);
        using var noGrad = no_grad();
        Tensor inputGradient = empty([outputGradient.shape[0], weight.shape[1]], outputGradient.dtype, outputGradient.device);
        Backward(outputGradient, weight, inputGradient);
        return inputGradient;
    }

    /// <summary>sum += input weight^T, without gradients.</summary>
    /// <param name="sum">[rows, outputs].</param>
    /// <param name="input">[rows, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    public static void AddTo(Tensor sum, Tensor input, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(sum);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        if (IsOwn(input, weight, sum))
        {
            Forward(input, weight, bias: null, sum, ComputeThreads.Count, add: true);
            return;
        }

        sum.addmm_(input, weight.t(), 1, 1);
    }

    /// <summary>The own kernel on some threads.</summary>
    internal static unsafe void Forward(Tensor input, Tensor weight, Tensor? bias, Tensor output, int threads, bool add = false)
    {
        (long rows, long width, long outputs) = (input.shape[0], weight.shape[1], weight.shape[0]);
        float* x = TensorPointer.Of<float>(input);
        float* w = TensorPointer.Of<float>(weight);
        float* b = bias is null ? null : TensorPointer.Of<float>(bias);
        float* y = TensorPointer.Of<float>(output);
        Split(outputs, ProductKernels.Outputs, rows * width, threads, (first, end) =>
            ProductKernels.Forward(x, rows, w, b, width, y, add, outputs, first, end));
        KeepAlive(input, weight, bias, output);
    }

    /// <summary>The own bfloat16 kernel on some threads.</summary>
    internal static unsafe void ForwardFew(Tensor input, Tensor weight, Tensor? bias, Tensor output, int threads)
    {
        (long rows, long width, long outputs) = (input.shape[0], weight.shape[1], weight.shape[0]);
        ushort* w = TensorPointer.Of<ushort>(weight);
        ushort* b = bias is null ? null : TensorPointer.Of<ushort>(bias);
        ushort* y = TensorPointer.Of<ushort>(output);
        float[] widened = ArrayPool<float>.Shared.Rent((int)(rows * width));
        fixed (float* x = widened)
        {
            BFloat16Products.Widen(TensorPointer.Of<ushort>(input), rows * width, x);
            nint address = (nint)x;
            Split(outputs, BFloat16Products.Outputs, rows * width, threads, (first, end) =>
                BFloat16Products.Forward((float*)address, rows, w, b, width, y, outputs, first, end));
        }

        ArrayPool<float>.Shared.Return(widened);
        KeepAlive(input, weight, bias, output);
    }

    /// <summary>The own kernel on some threads.</summary>
    internal static unsafe void Backward(Tensor outputGradient, Tensor weight, Tensor inputGradient, int threads)
    {
        (long rows, long width, long outputs) = (outputGradient.shape[0], weight.shape[1], weight.shape[0]);
        float* dy = TensorPointer.Of<float>(outputGradient);
        float* w = TensorPointer.Of<float>(weight);
        float* dx = TensorPointer.Of<float>(inputGradient);
        Split(width, ProductKernels.Inputs, rows * outputs, threads, (first, end) =>
            ProductKernels.Backward(dy, outputs, rows, w, width, dx, add: false, outputs, first, end));
        KeepAlive(outputGradient, weight, inputGradient);
    }

    // Each thread has whole groups of columns, and the last one what is left.
    private static void Split(long columns, long group, long work, int threads, RowLoop.Rows body)
    {
        long groups = Math.Max(1, columns / group);
        int parts = (int)Math.Min(Math.Min(groups, threads), Math.Max(1, columns * work / LeastWork));
        if (parts == 1)
        {
            body(0, columns);
            return;
        }

        ThreadTeam.Run(parts, part =>
            body(groups * part / parts * group, part + 1 == parts ? columns : groups * (part + 1) / parts * group));
    }

    // The kernels have addresses only. A tensor that nothing refers to any more may be freed.
    private static void KeepAlive(params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors)
        {
            GC.KeepAlive(tensor);
        }
    }

    /// <summary>Whether the own bfloat16 kernel computes products of so many inputs.</summary>
    internal static bool HasFewRowsKernel(long width) => AreOwn && width % BFloat16Products.Step == 0;

    // Few bfloat16 rows on the CPU.
    private static bool IsFew(Tensor input, Tensor weight) =>
        HasFewRowsKernel(weight.shape[1]) && input.dtype == ScalarType.BFloat16 && weight.dtype == ScalarType.BFloat16
        && input.device_type == TorchSharp.DeviceType.CPU
        && input.NumberOfElements / weight.shape[1] is >= 1 and <= FewRows
        && input.is_contiguous() && weight.is_contiguous();

    private static bool IsOwn(Tensor input, Tensor weight, Tensor output) =>
        AreOwnFor(input.dtype, input.device) && weight.dtype == ScalarType.Float32 && output.dtype == ScalarType.Float32
        && input.is_contiguous() && weight.is_contiguous() && output.is_contiguous();
}
