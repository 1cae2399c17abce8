using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// RMSNorm of one row, forward and backward, in one pass each after the sum of squares. Rounds in the same way as <see cref="RmsNorm"/>.
/// </summary>
internal static unsafe class NormKernels<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    /// <summary>y = x / sqrt(mean(x^2) + epsilon) * weight, with 1 + weight if <paramref name="unitOffset"/> is true.</summary>
    public static void Forward(T* x, T* weight, T* y, long width, float epsilon, bool unitOffset) =>
        Scale(x, weight, y, width, InverseRoot(SquareSum(x, width), width, epsilon), unitOffset);

    /// <summary>sum = x + branch, and y = its norm. The sum may overwrite x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddForward(T* x, T* branch, T* sum, T* weight, T* y, long width, float epsilon, bool unitOffset)
    {
        Vector256<float> squares = default;
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> value = TFormat.Rounded(Vectors.Load<T, TFormat>(x, at, width) + Vectors.Load<T, TFormat>(branch, at, width));
            Vectors.Store<T, TFormat>(value, sum, at, width);
            squares = Vector256.FusedMultiplyAdd(value, value, squares);
        }

        Scale(sum, weight, y, width, InverseRoot(Vector256.Sum(squares), width, epsilon), unitOffset);
    }

    /// <summary>The gradient at x, from the gradient at y. It is added to <paramref name="dx"/> or overwrites it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(T* x, T* weight, T* dy, T* dx, long width, float epsilon, bool unitOffset, bool add)
    {
        Vector256<float> offset = Vector256.Create(unitOffset ? 1f : 0f);
        Vector256<float> squares = default;
        Vector256<float> products = default;
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> value = Vectors.Load<T, TFormat>(x, at, width);
            Vector256<float> scaled = Vectors.Load<T, TFormat>(dy, at, width) * (Vectors.Load<T, TFormat>(weight, at, width) + offset);
            squares = Vector256.FusedMultiplyAdd(value, value, squares);
            products = Vector256.FusedMultiplyAdd(value, scaled, products);
        }

        float inverse = InverseRoot(Vector256.Sum(squares), width, epsilon);
        var factor = Vector256.Create(inverse);
        var along = Vector256.Create(-inverse * inverse * inverse * Vector256.Sum(products) / width);
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> scaled = Vectors.Load<T, TFormat>(dy, at, width) * (Vectors.Load<T, TFormat>(weight, at, width) + offset);
            Vector256<float> gradient = Vector256.FusedMultiplyAdd(scaled, factor, Vectors.Load<T, TFormat>(x, at, width) * along);
            Vectors.Store<T, TFormat>(add ? Vectors.Load<T, TFormat>(dx, at, width) + gradient : gradient, dx, at, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SquareSum(T* x, long width)
    {
        Vector256<float> squares = default;
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> value = Vectors.Load<T, TFormat>(x, at, width);
            squares = Vector256.FusedMultiplyAdd(value, value, squares);
        }

        return Vector256.Sum(squares);
    }

    private static float InverseRoot(float squares, long width, float epsilon) => 1 / MathF.Sqrt((squares / width) + epsilon);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(T* x, T* weight, T* y, long width, float inverse, bool unitOffset)
    {
        var factor = Vector256.Create(inverse);
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> normalised = Vectors.Load<T, TFormat>(x, at, width) * factor;
            Vector256<float> own = Vectors.Load<T, TFormat>(weight, at, width);
            Vectors.Store<T, TFormat>(
                unitOffset ? normalised * (own + Vector256<float>.One) : TFormat.Rounded(normalised) * own,
                y,
                at,
                width
            );
        }
    }
}
