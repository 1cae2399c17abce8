using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// Products of a few rows with a weight matrix, as decoding has them: each weight is read once and multiplied as it comes. A library's product packs the
/// matrix first, which takes longer than the product itself.
/// </summary>
/// <remarks>A number of the result is summed in one order, however many rows there are and whatever thread does it.</remarks>
internal static unsafe class FewRowsKernels<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    private const int RowTile = 4;
    private const int OutputTile = 2;

    /// <summary>y = x W^T + bias, for some of the outputs.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="shape">Rows, inputs and outputs.</param>
    /// <param name="first">First output.</param>
    /// <param name="end">End of the outputs.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Product(T* x, T* weight, T* bias, T* y, (long Rows, long Inputs, long Outputs) shape, long first, long end)
    {
        float* sums = stackalloc float[RowTile * OutputTile];
        for (long output = first; output < end; output += OutputTile)
        {
            T* left = weight + (output * shape.Inputs);
            T* right = output + 1 < end ? left + shape.Inputs : left;
            long row = 0;
            for (; row + RowTile <= shape.Rows; row += RowTile)
            {
                Tile(x + (row * shape.Inputs), left, right, shape.Inputs, sums);
                for (int index = 0; index < RowTile; index++)
                {
                    Put(y + ((row + index) * shape.Outputs), bias, output, end, sums[2 * index], sums[(2 * index) + 1]);
                }
            }

            for (; row < shape.Rows; row++)
            {
                Pair(x + (row * shape.Inputs), left, right, shape.Inputs, sums);
                Put(y + (row * shape.Outputs), bias, output, end, sums[0], sums[1]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(T* x, T* left, T* right, long inputs, float* sums)
    {
        T* x1 = x + inputs;
        T* x2 = x1 + inputs;
        T* x3 = x2 + inputs;
        Vector256<float> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector256<float> b0 = default, b1 = default, b2 = default, b3 = default;
        long whole = inputs - (inputs % Vectors.Width);
        for (long at = 0; at < whole; at += Vectors.Width)
        {
            Vector256<float> l = TFormat.Load(left + at);
            Vector256<float> r = TFormat.Load(right + at);
            Vector256<float> v = TFormat.Load(x + at);
            a0 = Vector256.FusedMultiplyAdd(v, l, a0);
            b0 = Vector256.FusedMultiplyAdd(v, r, b0);
            v = TFormat.Load(x1 + at);
            a1 = Vector256.FusedMultiplyAdd(v, l, a1);
            b1 = Vector256.FusedMultiplyAdd(v, r, b1);
            v = TFormat.Load(x2 + at);
            a2 = Vector256.FusedMultiplyAdd(v, l, a2);
            b2 = Vector256.FusedMultiplyAdd(v, r, b2);
            v = TFormat.Load(x3 + at);
            a3 = Vector256.FusedMultiplyAdd(v, l, a3);
            b3 = Vector256.FusedMultiplyAdd(v, r, b3);
        }

        if (whole < inputs)
        {
            Vector256<float> l = Vectors.Load<T, TFormat>(left, whole, inputs);
            Vector256<float> r = Vectors.Load<T, TFormat>(right, whole, inputs);
            Vector256<float> v = Vectors.Load<T, TFormat>(x, whole, inputs);
            a0 = Vector256.FusedMultiplyAdd(v, l, a0);
            b0 = Vector256.FusedMultiplyAdd(v, r, b0);
            v = Vectors.Load<T, TFormat>(x1, whole, inputs);
            a1 = Vector256.FusedMultiplyAdd(v, l, a1);
            b1 = Vector256.FusedMultiplyAdd(v, r, b1);
            v = Vectors.Load<T, TFormat>(x2, whole, inputs);
            a2 = Vector256.FusedMultiplyAdd(v, l, a2);
            b2 = Vector256.FusedMultiplyAdd(v, r, b2);
            v = Vectors.Load<T, TFormat>(x3, whole, inputs);
            a3 = Vector256.FusedMultiplyAdd(v, l, a3);
            b3 = Vector256.FusedMultiplyAdd(v, r, b3);
        }

        (sums[0], sums[1]) = (Vector256.Sum(a0), Vector256.Sum(b0));
        (sums[2], sums[3]) = (Vector256.Sum(a1), Vector256.Sum(b1));
        (sums[4], sums[5]) = (Vector256.Sum(a2), Vector256.Sum(b2));
        (sums[6], sums[7]) = (Vector256.Sum(a3), Vector256.Sum(b3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pair(T* x, T* left, T* right, long inputs, float* sums)
    {
        Vector256<float> a = default;
        Vector256<float> b = default;
        long whole = inputs - (inputs % Vectors.Width);
        for (long at = 0; at < whole; at += Vectors.Width)
        {
            Vector256<float> v = TFormat.Load(x + at);
            a = Vector256.FusedMultiplyAdd(v, TFormat.Load(left + at), a);
            b = Vector256.FusedMultiplyAdd(v, TFormat.Load(right + at), b);
        }

        if (whole < inputs)
        {
            Vector256<float> v = Vectors.Load<T, TFormat>(x, whole, inputs);
            a = Vector256.FusedMultiplyAdd(v, Vectors.Load<T, TFormat>(left, whole, inputs), a);
            b = Vector256.FusedMultiplyAdd(v, Vectors.Load<T, TFormat>(right, whole, inputs), b);
        }

        (sums[0], sums[1]) = (Vector256.Sum(a), Vector256.Sum(b));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(T* y, T* bias, long output, long end, float left, float right)
    {
        var values = Vector256.Create(left, right, 0, 0, 0, 0, 0, 0);
        long stop = Math.Min(output + OutputTile, end);
        if (bias != null)
        {
            values += Vectors.Load<T, TFormat>(bias, output, stop);
        }

        Vectors.Store<T, TFormat>(values, y, output, stop);
    }
}
