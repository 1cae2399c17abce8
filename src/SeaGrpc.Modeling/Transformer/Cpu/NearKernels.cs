using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// Products of one block's queries with keys, and of their softmax with values. Both keys and values are read in place. The numbers of a
/// query do not depend on the number of other queries.
/// </summary>
internal static unsafe class NearKernels<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    /// <summary>Number of queries that are multiplied by a key while it is in cache.</summary>
    private const int Together = 4;

    /// <summary>Products of queries with consecutive keys.</summary>
    /// <param name="queries">[count, size].</param>
    /// <param name="count">Number of queries.</param>
    /// <param name="keys">[keyCount, size].</param>
    /// <param name="keyCount">Number of keys.</param>
    /// <param name="size">Width of a head.</param>
    /// <param name="scores">Receives the products, from the first query's first product on.</param>
    /// <param name="stride">Numbers from the products of one query to those of the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(T* queries, long count, T* keys, long keyCount, long size, T* scores, long stride)
    {
        long padded = (size + Vectors.Width - 1) / Vectors.Width * Vectors.Width;
        float* asked = stackalloc float[(int)(Together * padded)];
        float* tile = stackalloc float[Together * Vectors.Width];
        for (long query = 0; query < count; query += Together)
        {
            long some = Math.Min(Together, count - query);
            for (long index = 0; index < Together; index++)
            {
                // If there are fewer queries, the last one is repeated.
                T* source = queries + ((query + Math.Min(index, some - 1)) * size);
                for (long at = 0; at < size; at += Vectors.Width)
                {
                    Vectors.Load<T, TFormat>(source, at, size).Store(asked + (index * padded) + at);
                }
            }

            for (long first = 0; first < keyCount; first += Vectors.Width)
            {
                long end = Math.Min(keyCount, first + Vectors.Width);
                for (long key = first; key < end; key++)
                {
                    Four(asked, padded, keys + (key * size), size, tile + key - first);
                }

                for (long index = 0; index < some; index++)
                {
                    Vectors.Store<T, TFormat>(
                        Vector256.Load(tile + (index * Vectors.Width)), scores + ((query + index) * stride), first, keyCount);
                }
            }
        }
    }

    /// <summary>Adds the weighted values of consecutive keys to the sums of two queries.</summary>
    /// <param name="weights">The first query's weights [count], followed by the second's.</param>
    /// <param name="values">[count, size].</param>
    /// <param name="count">Number of keys.</param>
    /// <param name="size">Width of a head.</param>
    /// <param name="sums">The first query's sums, fp32, with the size rounded up to whole vectors, followed by the second's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddWeighted((nint First, nint Second) weights, T* values, long count, long size, float* sums)
    {
        T* first = (T*)weights.First;
        T* second = (T*)weights.Second;
        long padded = (size + Vectors.Width - 1) / Vectors.Width * Vectors.Width;
        long at = 0;
        for (; at + (4 * Vectors.Width) <= size; at += 4 * Vectors.Width)
        {
            float* a = sums + at;
            float* b = sums + padded + at;
            Vector256<float> a0 = Vector256.Load(a), a1 = Vector256.Load(a + 8), a2 = Vector256.Load(a + 16), a3 = Vector256.Load(a + 24);
            Vector256<float> b0 = Vector256.Load(b), b1 = Vector256.Load(b + 8), b2 = Vector256.Load(b + 16), b3 = Vector256.Load(b + 24);
            T* value = values + at;
            for (long key = 0; key < count; key++, value += size)
            {
                var one = Vector256.Create(TFormat.Widened(first[key]));
                var two = Vector256.Create(TFormat.Widened(second[key]));
                Vector256<float> part = TFormat.Load(value);
                a0 = Vector256.FusedMultiplyAdd(part, one, a0);
                b0 = Vector256.FusedMultiplyAdd(part, two, b0);
                part = TFormat.Load(value + 8);
                a1 = Vector256.FusedMultiplyAdd(part, one, a1);
                b1 = Vector256.FusedMultiplyAdd(part, two, b1);
                part = TFormat.Load(value + 16);
                a2 = Vector256.FusedMultiplyAdd(part, one, a2);
                b2 = Vector256.FusedMultiplyAdd(part, two, b2);
                part = TFormat.Load(value + 24);
                a3 = Vector256.FusedMultiplyAdd(part, one, a3);
                b3 = Vector256.FusedMultiplyAdd(part, two, b3);
            }

            a0.Store(a);
            a1.Store(a + 8);
            a2.Store(a + 16);
            a3.Store(a + 24);
            b0.Store(b);
            b1.Store(b + 8);
            b2.Store(b + 16);
            b3.Store(b + 24);
        }

        for (; at < size; at += Vectors.Width)
        {
            Vector256<float> a = Vector256.Load(sums + at);
            Vector256<float> b = Vector256.Load(sums + padded + at);
            for (long key = 0; key < count; key++)
            {
                Vector256<float> part = Vectors.Load<T, TFormat>(values + (key * size), at, size);
                a = Vector256.FusedMultiplyAdd(part, Vector256.Create(TFormat.Widened(first[key])), a);
                b = Vector256.FusedMultiplyAdd(part, Vector256.Create(TFormat.Widened(second[key])), b);
            }

            a.Store(sums + at);
            b.Store(sums + padded + at);
        }
    }

    // The products of four queries with one key, one vector apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(float* asked, long padded, T* key, long size, float* products)
    {
        Vector256<float> first = default, second = default, third = default, fourth = default;
        long whole = size - (size % Vectors.Width);
        for (long at = 0; at < whole; at += Vectors.Width)
        {
            Vector256<float> part = TFormat.Load(key + at);
            first = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + at), first);
            second = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + padded + at), second);
            third = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + (2 * padded) + at), third);
            fourth = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + (3 * padded) + at), fourth);
        }

        if (whole < size)
        {
            Vector256<float> part = Vectors.Load<T, TFormat>(key, whole, size);
            first = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + whole), first);
            second = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + padded + whole), second);
            third = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + (2 * padded) + whole), third);
            fourth = Vector256.FusedMultiplyAdd(part, Vector256.Load(asked + (3 * padded) + whole), fourth);
        }

        products[0] = Vector256.Sum(first);
        products[Vectors.Width] = Vector256.Sum(second);
        products[2 * Vectors.Width] = Vector256.Sum(third);
        products[3 * Vectors.Width] = Vector256.Sum(fourth);
    }
}
