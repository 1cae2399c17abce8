namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// Products of one head's queries with keys, and of their softmax with values, all read in place. What a query gets depends on its own
/// numbers and the keys alone: neither on other queries nor on how the keys are divided between calls.
/// </summary>
internal static unsafe class HeadProducts<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    /// <summary>Most queries of a call; so many stay in the first cache while the keys pass.</summary>
    public const int MostQueries = 24;

    /// <summary>Whether the products are those of <see cref="ProductKernels"/>, which are fast for any number of queries.</summary>
    public static bool AreOwn => typeof(T) == typeof(float) && MatrixProducts.AreOwn;

    /// <summary>Numbers from the sums of one query to those of the next.</summary>
    /// <param name="size">Width of a head.</param>
    public static long SumStride(long size) => AreOwn ? size : (size + Vectors.Width - 1) / Vectors.Width * Vectors.Width;

    /// <summary>Numbers that the sums of a call need, with what is read and written beyond them.</summary>
    /// <param name="count">Number of queries.</param>
    /// <param name="size">Width of a head.</param>
    public static int SumNumbers(long count, long size) => (int)(((count + 1) * SumStride(size)) + Vectors.Width);

    /// <summary>Products of queries with consecutive keys.</summary>
    /// <param name="queries">[count, size].</param>
    /// <param name="count">Number of queries.</param>
    /// <param name="keys">[keyCount, size].</param>
    /// <param name="keyCount">Number of keys.</param>
    /// <param name="size">Width of a head.</param>
    /// <param name="scores">Receives the products, from the first query's first product on.</param>
    /// <param name="stride">Numbers from the products of one query to those of the next.</param>
    public static void Scores(T* queries, long count, T* keys, long keyCount, long size, T* scores, long stride)
    {
        if (AreOwn)
        {
            ProductKernels.Forward(
                (float*)queries, count, (float*)keys, null, size, (float*)scores, add: false, stride, 0, keyCount);
            return;
        }

        NearKernels<T, TFormat>.Products(queries, count, keys, keyCount, size, scores, stride);
    }

    /// <summary>Adds the weighted values of consecutive keys to the sums of queries.</summary>
    /// <param name="weights">The first query's weights.</param>
    /// <param name="stride">Numbers from the weights of one query to those of the next.</param>
    /// <param name="count">Number of queries; at most <see cref="MostQueries"/>.</param>
    /// <param name="values">[keyCount, size].</param>
    /// <param name="keyCount">Number of keys.</param>
    /// <param name="size">Width of a head.</param>
    /// <param name="sums">The sums [count, <see cref="SumStride"/>], fp32.</param>
    public static void AddWeighted(T* weights, long stride, long count, T* values, long keyCount, long size, float* sums)
    {
        if (AreOwn)
        {
            ProductKernels.Backward((float*)weights, stride, count, (float*)values, size, sums, add: true, keyCount, 0, size);
            return;
        }

        for (long query = 0; query < count; query += 2)
        {
            T* one = weights + (query * stride);
            T* two = query + 1 < count ? one + stride : one;
            NearKernels<T, TFormat>.AddWeighted(((nint)one, (nint)two), values, keyCount, size, sums + (query * SumStride(size)));
        }
    }
}
