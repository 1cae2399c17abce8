using SeaGrpc.Modeling.Transformer.Passes;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>
/// Decides which moves are read together. The rows of a group are read from the first position at which one of them differs. Few groups
/// waste positions, and many waste passes. The cheapest partition is found exactly.
/// </summary>
internal static class ReadingPlan
{
    /// <summary>
    /// Cost of one more pass, in token positions: its launch overhead. Measured on the embedded models, where it matters most.
    /// </summary>
    private const int PassCost = 64;

    /// <summary>Maximum number of rows in one pass, which bounds its memory.</summary>
    private const int MaxRows = 256;

    /// <summary>Number of moves that are planned before other jobs may have their turn.</summary>
    private const int MovesPerPause = 16384;

    /// <summary>Most positions of keys and values that are copied for the rows of one pass.</summary>
    private const int MaxCopied = 65536;

    /// <summary>How many rows of one pass there are at most after a prompt.</summary>
    /// <param name="positions">Positions of a row before those that it reads: the prompt's and the response's.</param>
    public static int RowsAfter(long positions) => (int)Math.Clamp(MaxCopied / Math.Max(1, positions), 1, MaxRows);

    /// <summary>Partitions moves by where they start.</summary>
    /// <param name="starts">First changed position of each move.</param>
    /// <param name="positions">Length of the responses.</param>
    /// <param name="maxRows">Most rows of one pass.</param>
    /// <returns>Groups of indices into <paramref name="starts"/>; within a group the lowest start is where its reading begins.</returns>
    public static IReadOnlyList<int[]> Groups(IReadOnlyList<int> starts, int positions, int maxRows = MaxRows)
    {
        int[] order = [.. Enumerable.Range(0, starts.Count).OrderBy(index => starts[index])];
        // best[i]: minimum cost of the first i moves in order; cut[i]: start of its last group.
        var best = new long[order.Length + 1];
        var cut = new int[order.Length + 1];
        for (int end = 1; end <= order.Length; end++)
        {
            if (end % MovesPerPause == 0)
            {
                ModelPasses.Pause(MovesPerPause / MaxRows);
            }

            best[end] = long.MaxValue;
            for (int first = Math.Max(0, end - maxRows); first < end; first++)
            {
                long cost = best[first] + PassCost + (long)(end - first) * (positions - starts[order[first]]);
                if (cost < best[end])
                {
                    (best[end], cut[end]) = (cost, first);
                }
            }
        }

        List<int[]> groups = [];
        for (int end = order.Length; end > 0; end = cut[end])
        {
            groups.Add(order[cut[end]..end]);
        }

        groups.Reverse();
        return groups;
    }
}
