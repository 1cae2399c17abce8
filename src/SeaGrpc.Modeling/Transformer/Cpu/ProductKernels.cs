using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Products of float32 rows with a weight [outputs, inputs], in registers of 16 numbers, without copying the weight.</summary>
/// <remarks>
/// A tile of results stays in registers while its sums are built: up to six rows by four outputs forward, by 64 inputs backward. The order
/// of a sum follows from its terms alone, forward over the inputs and backward one output after the other: neither other rows and
/// columns nor the threads' shares change it, and a backward sum may be continued.
/// </remarks>
internal static unsafe class ProductKernels
{
    /// <summary>Number of outputs of a tile, forward.</summary>
    public const int Outputs = 4;

    /// <summary>Number of inputs of a tile, backward.</summary>
    public const int Inputs = 64;

    private const int Lanes = 16;

    /// <summary>Most rows of a tile.</summary>
    private const int MostRows = 6;

    /// <summary>
    /// A tile's six rows and four rows of the weight have to fit in the first cache together: 40 KB for so many numbers of each.
    /// </summary>
    private const int MostWidth = 1024;

    /// <summary>Numbers of the rows that stay in the second cache while all of the weight passes.</summary>
    private const int RowNumbers = 1 << 17;

    /// <summary>Numbers of the weight that stay in the second cache while all rows use them, backward.</summary>
    private const int BlockNumbers = 1 << 16;

    /// <summary>y = x w^T + b, or y = y + x w^T, for some of the outputs.</summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="w">[outputs, width].</param>
    /// <param name="b">[outputs], or null.</param>
    /// <param name="width">Number of inputs.</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="add">Whether the product is added to y.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="first">The first output; a multiple of <see cref="Outputs"/>.</param>
    /// <param name="end">The output after the last one; a multiple of <see cref="Outputs"/>, or all.</param>
    public static void Forward(
        float* x, long rows, float* w, float* b, long width, float* y, bool add, long outputs, long first, long end)
    {
        long block = Math.Max(4, RowNumbers / Math.Max(1, width) / MostRows) * MostRows;
        for (long row = 0; row < rows; row += block)
        {
            ForwardRows(
                x + (row * width), Math.Min(block, rows - row), w, b, width, y + (row * outputs), add, outputs, first, end);
        }
    }

    /// <summary>dx = dy w, or dx = dx + dy w, for some of the inputs.</summary>
    /// <param name="dy">[rows, outputs].</param>
    /// <param name="stride">Numbers from one row of dy to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="w">[outputs, width].</param>
    /// <param name="width">Number of inputs.</param>
    /// <param name="dx">[rows, width].</param>
    /// <param name="add">Whether the product is added to dx, one output after the other, as if those before were in the same call.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="first">The first input; a multiple of <see cref="Inputs"/>.</param>
    /// <param name="end">The input after the last one; a multiple of <see cref="Inputs"/>, or all.</param>
    public static void Backward(
        float* dy, long stride, long rows, float* w, long width, float* dx, bool add, long outputs, long first, long end)
    {
        long block = Math.Max(16, RowNumbers / Math.Max(1, width) / MostRows) * MostRows;
        for (long row = 0; row < rows; row += block)
        {
            BackwardRows(
                dy + (row * stride), stride, Math.Min(block, rows - row), w, width, dx + (row * width), add, outputs, first, end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardRows(
        float* x, long rows, float* w, float* b, long width, float* y, bool add, long outputs, long first, long end)
    {
        long vectors = width / Lanes * Lanes;
        long pieces = Math.Max(1, (vectors + MostWidth - 1) / MostWidth);
        long tiles = (rows + MostRows - 1) / MostRows;
        long at = first;
        for (; at + Outputs <= end; at += Outputs)
        {
            for (long piece = 0; piece < pieces; piece++)
            {
                long from = vectors / Lanes * piece / pieces * Lanes;
                long count = (vectors / Lanes * (piece + 1) / pieces * Lanes) - from;
                for (long tile = 0; tile < tiles; tile++)
                {
                    long row = rows * tile / tiles;
                    float* result = y + (row * outputs) + at;
                    bool goesOn = add || piece > 0;
                    float* start = goesOn ? result : b is null ? null : b + at;
                    long stride = goesOn ? outputs : 0;
                    float* of = x + (row * width) + from;
                    float* by = w + (at * width) + from;
                    switch ((rows * (tile + 1) / tiles) - row)
                    {
                        case 1:
                            ForwardTile<One>(of, by, width, count, start, stride, result, outputs, fetch: true);
                            break;
                        case 2:
                            ForwardTile<Two>(of, by, width, count, start, stride, result, outputs, fetch: true);
                            break;
                        case 3:
                            ForwardTile<Three>(of, by, width, count, start, stride, result, outputs, tile == 0);
                            break;
                        case 4:
                            ForwardTile<Four>(of, by, width, count, start, stride, result, outputs, tile == 0);
                            break;
                        case 5:
                            ForwardTile<Five>(of, by, width, count, start, stride, result, outputs, tile == 0);
                            break;
                        default:
                            ForwardTile<Six>(of, by, width, count, start, stride, result, outputs, tile == 0);
                            break;
                    }
                }
            }

            for (long rest = vectors; rest < width; rest++)
            {
                for (long row = 0; row < rows; row++)
                {
                    for (long output = at; output < at + Outputs; output++)
                    {
                        y[(row * outputs) + output] += x[(row * width) + rest] * w[(output * width) + rest];
                    }
                }
            }
        }

        for (; at < end; at++)
        {
            for (long row = 0; row < rows; row++)
            {
                float start = add ? y[(row * outputs) + at] : b is null ? 0 : b[at];
                y[(row * outputs) + at] = Dot(x + (row * width), w + (at * width), width, pieces, start);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardRows(
        float* dy, long stride, long rows, float* w, long width, float* dx, bool add, long outputs, long first, long end)
    {
        long block = Math.Clamp(BlockNumbers / Math.Max(1, width), Lanes, 1024);
        long tiles = (rows + MostRows - 1) / MostRows;
        for (long from = 0; from < outputs; from += block)
        {
            long count = Math.Min(block, outputs - from);
            bool isFirst = from == 0 && !add;
            long at = first;
            for (; at + Lanes <= end; at += at + Inputs <= end ? Inputs : Lanes)
            {
                bool isWide = at + Inputs <= end;
                for (long tile = 0; tile < tiles; tile++)
                {
                    long row = rows * tile / tiles;
                    float* of = dy + (row * stride) + from;
                    float* by = w + (from * width) + at;
                    float* result = dx + (row * width) + at;
                    switch ((rows * (tile + 1) / tiles) - row)
                    {
                        case 1:
                            BackwardTile<One>(of, stride, by, width, count, result, isFirst, isWide);
                            break;
                        case 2:
                            BackwardTile<Two>(of, stride, by, width, count, result, isFirst, isWide);
                            break;
                        case 3:
                            BackwardTile<Three>(of, stride, by, width, count, result, isFirst, isWide);
                            break;
                        case 4:
                            BackwardTile<Four>(of, stride, by, width, count, result, isFirst, isWide);
                            break;
                        case 5:
                            BackwardTile<Five>(of, stride, by, width, count, result, isFirst, isWide);
                            break;
                        default:
                            BackwardTile<Six>(of, stride, by, width, count, result, isFirst, isWide);
                            break;
                    }
                }
            }

            for (; at < end; at++)
            {
                for (long row = 0; row < rows; row++)
                {
                    float sum = isFirst ? 0 : dx[(row * width) + at];
                    for (long output = from; output < from + count; output++)
                    {
                        sum += dy[(row * stride) + output] * w[(output * width) + at];
                    }

                    dx[(row * width) + at] = sum;
                }
            }
        }
    }

    // Rows of x by four rows of w, over some of the inputs. The next four rows of w are fetched meanwhile.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardTile<TRows>(
        float* x, float* w, long width, long count, float* start, long startStride, float* y, long stride, bool fetch)
        where TRows : ITileRows
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, d0 = default;
        Vector512<float> a1 = default, b1 = default, c1 = default, d1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, d2 = default;
        Vector512<float> a3 = default, b3 = default, c3 = default, d3 = default;
        Vector512<float> a4 = default, b4 = default, c4 = default, d4 = default;
        Vector512<float> a5 = default, b5 = default, c5 = default, d5 = default;
        float* w1 = w + width;
        float* w2 = w1 + width;
        float* w3 = w2 + width;
        float* x1 = x + width;
        float* x2 = x1 + width;
        float* x3 = x2 + width;
        float* x4 = x3 + width;
        float* x5 = x4 + width;
        long ahead = Outputs * width;
        for (long at = 0; at < count; at += Lanes)
        {
            Vector512<float> p = Vector512.Load(w + at);
            Vector512<float> q = Vector512.Load(w1 + at);
            Vector512<float> r = Vector512.Load(w2 + at);
            Vector512<float> s = Vector512.Load(w3 + at);
            if (fetch)
            {
                Sse.Prefetch0(w + at + ahead);
                Sse.Prefetch0(w1 + at + ahead);
                Sse.Prefetch0(w2 + at + ahead);
                Sse.Prefetch0(w3 + at + ahead);
            }

            Vector512<float> v = Vector512.Load(x + at);
            (a0, b0, c0, d0) = (Added(v, p, a0), Added(v, q, b0), Added(v, r, c0), Added(v, s, d0));
            if (TRows.Count > 1)
            {
                v = Vector512.Load(x1 + at);
                (a1, b1, c1, d1) = (Added(v, p, a1), Added(v, q, b1), Added(v, r, c1), Added(v, s, d1));
            }

            if (TRows.Count > 2)
            {
                v = Vector512.Load(x2 + at);
                (a2, b2, c2, d2) = (Added(v, p, a2), Added(v, q, b2), Added(v, r, c2), Added(v, s, d2));
            }

            if (TRows.Count > 3)
            {
                v = Vector512.Load(x3 + at);
                (a3, b3, c3, d3) = (Added(v, p, a3), Added(v, q, b3), Added(v, r, c3), Added(v, s, d3));
            }

            if (TRows.Count > 4)
            {
                v = Vector512.Load(x4 + at);
                (a4, b4, c4, d4) = (Added(v, p, a4), Added(v, q, b4), Added(v, r, c4), Added(v, s, d4));
            }

            if (TRows.Count > 5)
            {
                v = Vector512.Load(x5 + at);
                (a5, b5, c5, d5) = (Added(v, p, a5), Added(v, q, b5), Added(v, r, c5), Added(v, s, d5));
            }
        }

        (Sums(a0, b0, c0, d0) + Start(start)).Store(y);
        if (TRows.Count > 1)
        {
            (Sums(a1, b1, c1, d1) + Start(start is null ? null : start + startStride)).Store(y + stride);
        }

        if (TRows.Count > 2)
        {
            (Sums(a2, b2, c2, d2) + Start(start is null ? null : start + (2 * startStride))).Store(y + (2 * stride));
        }

        if (TRows.Count > 3)
        {
            (Sums(a3, b3, c3, d3) + Start(start is null ? null : start + (3 * startStride))).Store(y + (3 * stride));
        }

        if (TRows.Count > 4)
        {
            (Sums(a4, b4, c4, d4) + Start(start is null ? null : start + (4 * startStride))).Store(y + (4 * stride));
        }

        if (TRows.Count > 5)
        {
            (Sums(a5, b5, c5, d5) + Start(start is null ? null : start + (5 * startStride))).Store(y + (5 * stride));
        }
    }

    // Rows of dy by 64 columns of w, or 16, over some of the outputs; added to the sums over those before.
    private static void BackwardTile<TRows>(
        float* dy, long stride, float* w, long width, long count, float* dx, bool isFirst, bool isWide)
        where TRows : ITileRows
    {
        if (isWide)
        {
            BackwardTile<TRows, Four>(dy, stride, w, width, count, dx, isFirst);
        }
        else
        {
            BackwardTile<TRows, One>(dy, stride, w, width, count, dx, isFirst);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardTile<TRows, TVectors>(
        float* dy, long stride, float* w, long width, long count, float* dx, bool isFirst)
        where TRows : ITileRows
        where TVectors : ITileRows
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, d0 = default;
        Vector512<float> a1 = default, b1 = default, c1 = default, d1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, d2 = default;
        Vector512<float> a3 = default, b3 = default, c3 = default, d3 = default;
        Vector512<float> a4 = default, b4 = default, c4 = default, d4 = default;
        Vector512<float> a5 = default, b5 = default, c5 = default, d5 = default;
        float* dx1 = dx + width;
        float* dx2 = dx1 + width;
        float* dx3 = dx2 + width;
        float* dx4 = dx3 + width;
        float* dx5 = dx4 + width;
        float* dy1 = dy + stride;
        float* dy2 = dy1 + stride;
        float* dy3 = dy2 + stride;
        float* dy4 = dy3 + stride;
        float* dy5 = dy4 + stride;
        if (!isFirst)
        {
            Load<TVectors>(dx, ref a0, ref b0, ref c0, ref d0);
            if (TRows.Count > 1)
            {
                Load<TVectors>(dx1, ref a1, ref b1, ref c1, ref d1);
            }

            if (TRows.Count > 2)
            {
                Load<TVectors>(dx2, ref a2, ref b2, ref c2, ref d2);
            }

            if (TRows.Count > 3)
            {
                Load<TVectors>(dx3, ref a3, ref b3, ref c3, ref d3);
            }

            if (TRows.Count > 4)
            {
                Load<TVectors>(dx4, ref a4, ref b4, ref c4, ref d4);
            }

            if (TRows.Count > 5)
            {
                Load<TVectors>(dx5, ref a5, ref b5, ref c5, ref d5);
            }
        }

        for (long at = 0; at < count; at++, w += width)
        {
            Vector512<float> p = Vector512.Load(w);
            Vector512<float> q = TVectors.Count > 1 ? Vector512.Load(w + Lanes) : default;
            Vector512<float> r = TVectors.Count > 1 ? Vector512.Load(w + (2 * Lanes)) : default;
            Vector512<float> s = TVectors.Count > 1 ? Vector512.Load(w + (3 * Lanes)) : default;
            Add<TVectors>(dy[at], p, q, r, s, ref a0, ref b0, ref c0, ref d0);
            if (TRows.Count > 1)
            {
                Add<TVectors>(dy1[at], p, q, r, s, ref a1, ref b1, ref c1, ref d1);
            }

            if (TRows.Count > 2)
            {
                Add<TVectors>(dy2[at], p, q, r, s, ref a2, ref b2, ref c2, ref d2);
            }

            if (TRows.Count > 3)
            {
                Add<TVectors>(dy3[at], p, q, r, s, ref a3, ref b3, ref c3, ref d3);
            }

            if (TRows.Count > 4)
            {
                Add<TVectors>(dy4[at], p, q, r, s, ref a4, ref b4, ref c4, ref d4);
            }

            if (TRows.Count > 5)
            {
                Add<TVectors>(dy5[at], p, q, r, s, ref a5, ref b5, ref c5, ref d5);
            }
        }

        Store<TVectors>(dx, a0, b0, c0, d0);
        if (TRows.Count > 1)
        {
            Store<TVectors>(dx1, a1, b1, c1, d1);
        }

        if (TRows.Count > 2)
        {
            Store<TVectors>(dx2, a2, b2, c2, d2);
        }

        if (TRows.Count > 3)
        {
            Store<TVectors>(dx3, a3, b3, c3, d3);
        }

        if (TRows.Count > 4)
        {
            Store<TVectors>(dx4, a4, b4, c4, d4);
        }

        if (TRows.Count > 5)
        {
            Store<TVectors>(dx5, a5, b5, c5, d5);
        }
    }

    // One output, in the order in which a tile adds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* x, float* w, long width, long pieces, float start)
    {
        long vectors = width / Lanes * Lanes;
        float result = start;
        for (long piece = 0; piece < pieces; piece++)
        {
            Vector512<float> sum = default;
            long end = vectors / Lanes * (piece + 1) / pieces * Lanes;
            for (long at = vectors / Lanes * piece / pieces * Lanes; at < end; at += Lanes)
            {
                sum = Added(Vector512.Load(x + at), Vector512.Load(w + at), sum);
            }

            result = Sums(sum, sum, sum, sum)[0] + result;
        }

        for (long at = vectors; at < width; at++)
        {
            result += x[at] * w[at];
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Added(Vector512<float> left, Vector512<float> right, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(left, right, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Start(float* start) => start is null ? default : Vector128.Load(start);

    // The sums of each of four vectors' numbers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        Vector256<float> pairs = Avx.HorizontalAdd(
            Avx.HorizontalAdd(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper()),
            Avx.HorizontalAdd(c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper()));
        return pairs.GetLower() + pairs.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TVectors>(
        float factor,
        Vector512<float> p,
        Vector512<float> q,
        Vector512<float> r,
        Vector512<float> s,
        ref Vector512<float> a,
        ref Vector512<float> b,
        ref Vector512<float> c,
        ref Vector512<float> d)
        where TVectors : ITileRows
    {
        Vector512<float> all = Vector512.Create(factor);
        a = Added(all, p, a);
        if (TVectors.Count > 1)
        {
            b = Added(all, q, b);
            c = Added(all, r, c);
            d = Added(all, s, d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TVectors>(
        float* from, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, ref Vector512<float> d)
        where TVectors : ITileRows
    {
        a = Vector512.Load(from);
        if (TVectors.Count > 1)
        {
            b = Vector512.Load(from + Lanes);
            c = Vector512.Load(from + (2 * Lanes));
            d = Vector512.Load(from + (3 * Lanes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVectors>(
        float* to, Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
        where TVectors : ITileRows
    {
        a.Store(to);
        if (TVectors.Count > 1)
        {
            b.Store(to + Lanes);
            c.Store(to + (2 * Lanes));
            d.Store(to + (3 * Lanes));
        }
    }
}
