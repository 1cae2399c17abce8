using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Products of a few bfloat16 rows with a weight [outputs, inputs], summed in float32, without copying the weight.</summary>
/// <remarks>
/// The weight is read where it is, once, 32 numbers at a time: two of them share 32 bits, and become float32 by a shift and a mask. The
/// rows are widened before, into the same order. A tile of results, up to five rows by four outputs, stays in registers. The order of each
/// sum follows from the number of its terms alone.
/// </remarks>
internal static unsafe class BFloat16Products
{
    /// <summary>Number of outputs of a tile.</summary>
    public const int Outputs = 4;

    /// <summary>Inputs that are read at once. The width is a multiple of it.</summary>
    public const int Step = 32;

    private const int Half = Step / 2;

    /// <summary>Most rows of a tile.</summary>
    private const int MostRows = 5;

    /// <summary>Widens rows: of each 32 numbers, those at even places come first.</summary>
    /// <param name="x">The numbers; a multiple of 32.</param>
    /// <param name="count">How many.</param>
    /// <param name="to">Receives as many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ushort* x, long count, float* to)
    {
        for (long at = 0; at < count; at += Step)
        {
            Vector512<uint> pairs = Vector512.Load((uint*)(x + at));
            Even(pairs).Store(to + at);
            Odd(pairs).Store(to + at + Half);
        }
    }

    /// <summary>y = x w^T + b for some of the outputs.</summary>
    /// <param name="x">Widened rows [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="w">[outputs, width].</param>
    /// <param name="b">[outputs], or null.</param>
    /// <param name="width">Number of inputs; a multiple of <see cref="Step"/>.</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="first">The first output; a multiple of <see cref="Outputs"/>.</param>
    /// <param name="end">The output after the last one; a multiple of <see cref="Outputs"/>, or all.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(
        float* x, long rows, ushort* w, ushort* b, long width, ushort* y, long outputs, long first, long end)
    {
        long tiles = (rows + MostRows - 1) / MostRows;
        long at = first;
        float* sums = stackalloc float[MostRows * Outputs];
        for (; at + Outputs <= end; at += Outputs)
        {
            for (long tile = 0; tile < tiles; tile++)
            {
                long row = rows * tile / tiles;
                long count = (rows * (tile + 1) / tiles) - row;
                float* of = x + (row * width);
                ushort* by = w + (at * width);
                bool fetch = tile == 0;
                switch (count)
                {
                    case 1:
                        Tile<One>(of, by, width, sums, fetch);
                        break;
                    case 2:
                        Tile<Two>(of, by, width, sums, fetch);
                        break;
                    case 3:
                        Tile<Three>(of, by, width, sums, fetch);
                        break;
                    case 4:
                        Tile<Four>(of, by, width, sums, fetch);
                        break;
                    default:
                        Tile<Five>(of, by, width, sums, fetch);
                        break;
                }

                for (long own = 0; own < count; own++)
                {
                    for (long output = 0; output < Outputs; output++)
                    {
                        y[((row + own) * outputs) + at + output] = Rounded(sums[(own * Outputs) + output], b, at + output);
                    }
                }
            }
        }

        for (; at < end; at++)
        {
            for (long row = 0; row < rows; row++)
            {
                y[(row * outputs) + at] = Rounded(Dot(x + (row * width), w + (at * width), width), b, at);
            }
        }
    }

    // Rows of x by four rows of w. The next four rows of w are fetched meanwhile.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows>(float* x, ushort* w, long width, float* sums, bool fetch)
        where TRows : ITileRows
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, d0 = default;
        Vector512<float> a1 = default, b1 = default, c1 = default, d1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, d2 = default;
        Vector512<float> a3 = default, b3 = default, c3 = default, d3 = default;
        Vector512<float> a4 = default, b4 = default, c4 = default, d4 = default;
        ushort* w1 = w + width;
        ushort* w2 = w1 + width;
        ushort* w3 = w2 + width;
        float* x1 = x + width;
        float* x2 = x1 + width;
        float* x3 = x2 + width;
        float* x4 = x3 + width;
        long ahead = Outputs * width;
        for (long at = 0; at < width; at += Step)
        {
            Vector512<uint> p = Vector512.Load((uint*)(w + at));
            Vector512<uint> q = Vector512.Load((uint*)(w1 + at));
            Vector512<uint> r = Vector512.Load((uint*)(w2 + at));
            Vector512<uint> s = Vector512.Load((uint*)(w3 + at));
            if (fetch)
            {
                Sse.Prefetch0(w + at + ahead);
                Sse.Prefetch0(w1 + at + ahead);
                Sse.Prefetch0(w2 + at + ahead);
                Sse.Prefetch0(w3 + at + ahead);
            }

            (Vector512<float> pe, Vector512<float> qe, Vector512<float> re, Vector512<float> se) = (Even(p), Even(q), Even(r), Even(s));
            (Vector512<float> po, Vector512<float> qo, Vector512<float> ro, Vector512<float> so) = (Odd(p), Odd(q), Odd(r), Odd(s));
            Vector512<float> v = Vector512.Load(x + at);
            Vector512<float> u = Vector512.Load(x + at + Half);
            (a0, b0, c0, d0) = (Added(v, pe, a0), Added(v, qe, b0), Added(v, re, c0), Added(v, se, d0));
            (a0, b0, c0, d0) = (Added(u, po, a0), Added(u, qo, b0), Added(u, ro, c0), Added(u, so, d0));
            if (TRows.Count > 1)
            {
                v = Vector512.Load(x1 + at);
                u = Vector512.Load(x1 + at + Half);
                (a1, b1, c1, d1) = (Added(v, pe, a1), Added(v, qe, b1), Added(v, re, c1), Added(v, se, d1));
                (a1, b1, c1, d1) = (Added(u, po, a1), Added(u, qo, b1), Added(u, ro, c1), Added(u, so, d1));
            }

            if (TRows.Count > 2)
            {
                v = Vector512.Load(x2 + at);
                u = Vector512.Load(x2 + at + Half);
                (a2, b2, c2, d2) = (Added(v, pe, a2), Added(v, qe, b2), Added(v, re, c2), Added(v, se, d2));
                (a2, b2, c2, d2) = (Added(u, po, a2), Added(u, qo, b2), Added(u, ro, c2), Added(u, so, d2));
            }

            if (TRows.Count > 3)
            {
                v = Vector512.Load(x3 + at);
                u = Vector512.Load(x3 + at + Half);
                (a3, b3, c3, d3) = (Added(v, pe, a3), Added(v, qe, b3), Added(v, re, c3), Added(v, se, d3));
                (a3, b3, c3, d3) = (Added(u, po, a3), Added(u, qo, b3), Added(u, ro, c3), Added(u, so, d3));
            }

            if (TRows.Count > 4)
            {
                v = Vector512.Load(x4 + at);
                u = Vector512.Load(x4 + at + Half);
                (a4, b4, c4, d4) = (Added(v, pe, a4), Added(v, qe, b4), Added(v, re, c4), Added(v, se, d4));
                (a4, b4, c4, d4) = (Added(u, po, a4), Added(u, qo, b4), Added(u, ro, c4), Added(u, so, d4));
            }
        }

        ProductKernels.Sums(a0, b0, c0, d0).Store(sums);
        if (TRows.Count > 1)
        {
            ProductKernels.Sums(a1, b1, c1, d1).Store(sums + Outputs);
        }

        if (TRows.Count > 2)
        {
            ProductKernels.Sums(a2, b2, c2, d2).Store(sums + (2 * Outputs));
        }

        if (TRows.Count > 3)
        {
            ProductKernels.Sums(a3, b3, c3, d3).Store(sums + (3 * Outputs));
        }

        if (TRows.Count > 4)
        {
            ProductKernels.Sums(a4, b4, c4, d4).Store(sums + (4 * Outputs));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* x, ushort* w, long width)
    {
        Vector512<float> sum = default;
        for (long at = 0; at < width; at += Step)
        {
            Vector512<uint> pairs = Vector512.Load((uint*)(w + at));
            sum = Added(Vector512.Load(x + at), Even(pairs), sum);
            sum = Added(Vector512.Load(x + at + Half), Odd(pairs), sum);
        }

        // In the order of a tile's sums.
        return ProductKernels.Sums(sum, sum, sum, sum)[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Even(Vector512<uint> pairs) => (pairs << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Odd(Vector512<uint> pairs) => (pairs & Vector512.Create(0xFFFF0000u)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Added(Vector512<float> left, Vector512<float> right, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(left, right, sum);

    // To the nearest bfloat16, ties to even.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort Rounded(float sum, ushort* b, long output)
    {
        float value = b is null ? sum : sum + BFloat16Format.Widened(b[output]);
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
