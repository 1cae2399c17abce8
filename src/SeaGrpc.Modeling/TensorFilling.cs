using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Tensors filled with given numbers. Every number stays alive until libtorch has read it (docs/decisions/0005).</summary>
public static class TensorFilling
{
    /// <summary>A tensor filled with one number, fp32.</summary>
    public static Tensor Filled(ReadOnlySpan<long> shape, double number, Device device)
    {
        using Scalar scalar = number.ToScalar();
        return full(shape, scalar, ScalarType.Float32, device);
    }

    /// <summary>A tensor filled with one number, in the shape and on the device of another tensor, fp32.</summary>
    public static Tensor FilledLike(Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return full_like(tensor, scalar, ScalarType.Float32);
    }

    /// <summary>0, step, 2 step, ... below <paramref name="end"/>, fp32.</summary>
    public static Tensor Range(long end, long step, Device device)
    {
        using Scalar start = 0.ToScalar();
        using Scalar stop = end.ToScalar();
        using Scalar stride = step.ToScalar();
        return arange(start, stop, stride, ScalarType.Float32, device);
    }

    /// <summary>x with a number wherever the mask is true.</summary>
    /// <param name="tensor">x.</param>
    /// <param name="mask">Booleans, broadcast to x's shape.</param>
    /// <param name="number">The number.</param>
    public static Tensor FilledWhere(this Tensor tensor, Tensor mask, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.masked_fill(mask, scalar);
    }

    /// <inheritdoc cref="FilledWhere(Tensor, Tensor, double)"/>
    public static Tensor FilledWhere(this Tensor tensor, Tensor mask, long number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.masked_fill(mask, scalar);
    }

    /// <summary>x with a number at some indices of one dimension.</summary>
    /// <param name="tensor">x.</param>
    /// <param name="dimension">The dimension.</param>
    /// <param name="indices">The indices, int64.</param>
    /// <param name="number">The number.</param>
    public static Tensor FilledAt(this Tensor tensor, long dimension, Tensor indices, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.index_fill(dimension, indices, scalar);
    }
}
