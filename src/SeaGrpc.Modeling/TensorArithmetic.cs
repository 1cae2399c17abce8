using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Arithmetic with tensors and numbers. Every number stays alive until libtorch has read it (docs/decisions/0005).</summary>
public static class TensorArithmetic
{
    /// <summary>The factor of the second operand in libtorch's additions. Never collected.</summary>
    internal static readonly Scalar One = 1.ToScalar();

    /// <summary>x + y, broadcast.</summary>
    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    /// <summary>x + number.</summary>
    public static Tensor Plus(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.add(scalar, One);
    }

    /// <summary>x + left * right, broadcast.</summary>
    public static Tensor PlusProduct(this Tensor tensor, Tensor left, Tensor right) => tensor.addcmul(left, right, One);

    /// <summary>x * factor.</summary>
    public static Tensor Times(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.mul(scalar);
    }

    /// <summary>x / divisor.</summary>
    public static Tensor DividedBy(this Tensor tensor, double divisor)
    {
        using Scalar scalar = divisor.ToScalar();
        return tensor.div(scalar);
    }

    /// <summary>x / divisor.</summary>
    public static Tensor DividedBy(this Tensor tensor, long divisor)
    {
        using Scalar scalar = divisor.ToScalar();
        return tensor.div(scalar);
    }

    /// <summary>x to the power of 2.</summary>
    public static Tensor Squared(this Tensor tensor)
    {
        using Scalar two = 2.ToScalar();
        return tensor.pow(two);
    }

    /// <summary>Whether x is below the number: booleans of the same shape.</summary>
    public static Tensor IsBelow(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.lt(scalar);
    }
}
