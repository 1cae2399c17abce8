namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>Which pairs each step reads: batches of similar lengths in a random order, every pair once an epoch.</summary>
internal static class PairOrder
{
    private const int BatchesPerPool = 16;

    /// <summary>The batches of all epochs, as indices of pairs. The same arguments give the same batches.</summary>
    /// <param name="lengths">The pairs' lengths in ids.</param>
    /// <param name="batchTokens">Ids of a batch, filling included. A longer pair is a batch of its own.</param>
    /// <param name="epochs">Times that every pair is read.</param>
    /// <param name="seed">Seed of the order.</param>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<int> lengths, int batchTokens, int epochs, int seed)
    {
        List<int[]> all = [];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            var random = new Random(unchecked((seed * 7919) + epoch));
            int[] order = [.. Enumerable.Range(0, lengths.Count)];
            random.Shuffle(order);
            int[][] batches =
            [
                .. Pools(order, lengths, (long)batchTokens * BatchesPerPool)
                    .SelectMany(pool => Batches([.. pool.OrderBy(index => lengths[index])], lengths, batchTokens)),
            ];
            random.Shuffle(batches);
            all.AddRange(batches);
        }

        return all;
    }

    private static IEnumerable<List<int>> Pools(IEnumerable<int> order, IReadOnlyList<int> lengths, long tokens)
    {
        List<int> pool = [];
        long sum = 0;
        foreach (int index in order)
        {
            pool.Add(index);
            sum += lengths[index];
            if (sum >= tokens)
            {
                yield return pool;
                (pool, sum) = ([], 0);
            }
        }

        if (pool.Count > 0)
        {
            yield return pool;
        }
    }

    // Cuts pairs that are sorted by length.
    private static IEnumerable<int[]> Batches(int[] sorted, IReadOnlyList<int> lengths, int tokens)
    {
        int start = 0;
        for (int end = 1; end <= sorted.Length; end++)
        {
            if (end == sorted.Length || (long)(end + 1 - start) * lengths[sorted[end]] > tokens)
            {
                yield return sorted[start..end];
                start = end;
            }
        }
    }
}
