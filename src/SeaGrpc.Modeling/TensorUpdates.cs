using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>
/// Arithmetic that changes its tensor and returns it. Every number stays alive until libtorch has read it (docs/decisions/0005).
/// </summary>
public static class TensorUpdates
{
    /// <summary>x &lt;- x + y.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other) => tensor.add_(other, TensorArithmetic.One);

    /// <summary>x &lt;- x + factor * y.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.add_(other, scalar);
    }

    /// <summary>x &lt;- x + number.</summary>
    public static Tensor AddInPlace(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.add_(scalar, TensorArithmetic.One);
    }

    /// <summary>x &lt;- x + factor * left * right.</summary>
    public static Tensor AddProductInPlace(this Tensor tensor, Tensor left, Tensor right, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.addcmul_(left, right, scalar);
    }

    /// <summary>x &lt;- x + factor * dividend / divisor.</summary>
    public static Tensor AddQuotientInPlace(this Tensor tensor, Tensor dividend, Tensor divisor, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.addcdiv_(dividend, divisor, scalar);
    }

    /// <summary>x &lt;- x * factor.</summary>
    public static Tensor MultiplyInPlace(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.mul_(scalar);
    }

    /// <summary>x &lt;- x / divisor.</summary>
    public static Tensor DivideInPlace(this Tensor tensor, double divisor)
    {
        using Scalar scalar = divisor.ToScalar();
        return tensor.div_(scalar);
    }

    /// <summary>x &lt;- max(x, least); NaN stays.</summary>
    public static Tensor RaiseInPlace(this Tensor tensor, double least)
    {
        using Scalar scalar = least.ToScalar();
        return tensor.clamp_min_(scalar);
    }
}
