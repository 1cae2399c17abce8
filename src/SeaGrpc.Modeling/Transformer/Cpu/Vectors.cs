using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Processes rows of any width, eight numbers at a time, and computes functions of eight numbers.</summary>
/// <remarks>
/// Loops over these use AggressiveOptimization. With tiered compilation, they would take longer than the matrix products in the first
/// iterations of a process.
/// </remarks>
internal static unsafe class Vectors
{
    /// <summary>Numbers per vector.</summary>
    public const int Width = 8;

    /// <summary>Numbers per vector where a processor has 512-bit ones.</summary>
    public const int Wide = 2 * Width;

    /// <summary>Whether long rows are processed <see cref="Wide"/> numbers at a time. Each number gets the same bits either way.</summary>
    public static bool AreWide
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;
    }

    /// <summary>Reads numbers [at, at + 8) of a row that ends at <paramref name="end"/>; 0 after the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load<T, TFormat>(T* row, long at, long end)
        where T : unmanaged
        where TFormat : INumberFormat<T> => at + Width <= end ? TFormat.Load(row + at) : LoadRest<T, TFormat>(row + at, end - at);

    /// <summary>Writes numbers [at, at + 8) of a row that ends at <paramref name="end"/>; nothing after the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, TFormat>(Vector256<float> values, T* row, long at, long end)
        where T : unmanaged
        where TFormat : INumberFormat<T>
    {
        if (at + Width <= end)
        {
            TFormat.Store(values, row + at);
        }
        else
        {
            StoreRest<T, TFormat>(values, row + at, end - at);
        }
    }

    /// <summary>The maximum of numbers [first, end) of a row; -infinity if there are none. A NaN may count as none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Highest<T, TFormat>(T* row, long first, long end)
        where T : unmanaged
        where TFormat : INumberFormat<T>
    {
        Vector256<float> highest = Vector256.Create(float.NegativeInfinity);
        long at = first;
        if (AreWide && at + Wide <= end)
        {
            Vector512<float> both = Vector512.Create(float.NegativeInfinity);
            for (; at + Wide <= end; at += Wide)
            {
                both = Vector512.MaxNative(both, TFormat.LoadWide(row + at));
            }

            highest = Vector256.MaxNative(both.GetLower(), both.GetUpper());
        }

        for (; at + Width <= end; at += Width)
        {
            highest = Vector256.MaxNative(highest, TFormat.Load(row + at));
        }

        float top = float.NegativeInfinity;
        for (int lane = 0; lane < Width; lane++)
        {
            top = float.MaxNative(top, highest[lane]);
        }

        return at < end ? float.MaxNative(top, HighestOfRest<T, TFormat>(row + at, end - at)) : top;
    }

    /// <summary>exp(x), accurate to two units in the last place; 0 below -87.3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> clamped = Vector256.MinNative(Vector256.MaxNative(x, Vector256.Create(-87.3f)), Vector256.Create(88.7f));
        Vector256<float> power = Vector256.MinNative(Vector256.Round(clamped * 1.44269504f), Vector256.Create(127f));
        // ln 2 in two parts. The first ends with zeros, so its product is exact.
        Vector256<float> rest = Vector256.FusedMultiplyAdd(power, Vector256.Create(-0.693359375f), clamped);
        rest = Vector256.FusedMultiplyAdd(power, Vector256.Create(2.12194440e-4f), rest);
        Vector256<float> sum = Vector256.Create(1f / 5040);
        sum = Vector256.FusedMultiplyAdd(sum, rest, Vector256.Create(1f / 720));
        sum = Vector256.FusedMultiplyAdd(sum, rest, Vector256.Create(1f / 120));
        sum = Vector256.FusedMultiplyAdd(sum, rest, Vector256.Create(1f / 24));
        sum = Vector256.FusedMultiplyAdd(sum, rest, Vector256.Create(1f / 6));
        sum = Vector256.FusedMultiplyAdd(sum, rest, Vector256.Create(0.5f));
        sum = Vector256.FusedMultiplyAdd(sum, rest, Vector256<float>.One);
        sum = Vector256.FusedMultiplyAdd(sum, rest, Vector256<float>.One);
        Vector256<float> scale = ((Vector256.ConvertToInt32Native(power) + Vector256.Create(127)) << 23).AsSingle();
        Vector256<float> result = Vector256.ConditionalSelect(
            Vector256.LessThan(x, Vector256.Create(-87.3f)), Vector256<float>.Zero, sum * scale);
        result = Vector256.ConditionalSelect(
            Vector256.GreaterThan(x, Vector256.Create(88.72f)), Vector256.Create(float.PositiveInfinity), result);
        return Vector256.ConditionalSelect(Vector256.IsNaN(x), x, result);
    }

    /// <summary>The same of sixteen numbers, with the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        Vector512<float> clamped = Vector512.MinNative(Vector512.MaxNative(x, Vector512.Create(-87.3f)), Vector512.Create(88.7f));
        Vector512<float> power = Vector512.MinNative(Vector512.Round(clamped * 1.44269504f), Vector512.Create(127f));
        Vector512<float> rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(-0.693359375f), clamped);
        rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(2.12194440e-4f), rest);
        Vector512<float> sum = Vector512.Create(1f / 5040);
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1f / 720));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1f / 120));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1f / 24));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1f / 6));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(0.5f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512<float>.One);
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512<float>.One);
        Vector512<float> scale = ((Vector512.ConvertToInt32Native(power) + Vector512.Create(127)) << 23).AsSingle();
        Vector512<float> result = Vector512.ConditionalSelect(
            Vector512.LessThan(x, Vector512.Create(-87.3f)), Vector512<float>.Zero, sum * scale);
        result = Vector512.ConditionalSelect(
            Vector512.GreaterThan(x, Vector512.Create(88.72f)), Vector512.Create(float.PositiveInfinity), result);
        return Vector512.ConditionalSelect(Vector512.IsNaN(x), x, result);
    }

    /// <summary>The hyperbolic tangent, from exp(2x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x) =>
        Vector256<float>.One - (Vector256.Create(2f) / (Exp(x + x) + Vector256<float>.One));

    /// <summary>1 / (1 + exp(-x)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sigmoid(Vector256<float> x) => Vector256<float>.One / (Vector256<float>.One + Exp(-x));

    /// <summary>The same of sixteen numbers, with the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> LoadRest<T, TFormat>(T* source, long count)
        where T : unmanaged
        where TFormat : INumberFormat<T>
    {
        T* padded = stackalloc T[Width];
        for (long index = 0; index < Width; index++)
        {
            padded[index] = index < count ? source[index] : default;
        }

        return TFormat.Load(padded);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float HighestOfRest<T, TFormat>(T* source, long count)
        where T : unmanaged
        where TFormat : INumberFormat<T>
    {
        float top = float.NegativeInfinity;
        for (long index = 0; index < count; index++)
        {
            top = float.MaxNative(top, TFormat.Widened(source[index]));
        }

        return top;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreRest<T, TFormat>(Vector256<float> values, T* target, long count)
        where T : unmanaged
        where TFormat : INumberFormat<T>
    {
        T* padded = stackalloc T[Width];
        TFormat.Store(values, padded);
        for (long index = 0; index < count; index++)
        {
            target[index] = padded[index];
        }
    }
}
