using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>
/// Decides which moves are read together. A pass has groups of rows; those of a group are read from the first position at which one of them
/// differs up to the end of the longest. Few groups read positions that are known or empty, and many cost time. The cheapest partition is
/// found exactly.
/// </summary>
internal static class ReadingPlan
{
    /// <summary>
    /// Cost of one more group of a pass on an accelerator, in token positions: what starting its attention takes. Measured on the embedded
    /// models, where it matters most. On the CPU a group costs nothing worth a position.
    /// </summary>
    private const int LaunchCost = 64;

    /// <summary>Maximum number of rows in one pass, which bounds its memory.</summary>
    private const int MaxRows = 256;

    /// <summary>Number of moves that are planned before other jobs may have their turn.</summary>
    private const int MovesPerPause = 16384;

    /// <summary>Most positions of keys and values that are copied for the rows of one pass.</summary>
    private const int MaxCopied = 65536;

    /// <summary>How many rows of one pass there are at most after a prompt.</summary>
    /// <param name="positions">Positions of a row before those that it reads: the prompt's and the response's.</param>
    public static int RowsAfter(long positions) => (int)Math.Clamp(MaxCopied / Math.Max(1, positions), 1, MaxRows);

    /// <summary>What one more group costs, in token positions.</summary>
    /// <param name="decoder">The model that reads.</param>
    public static int GroupCost(TransformerDecoder decoder) => decoder.IsWrittenOut ? 0 : LaunchCost;

    /// <summary>Partitions moves by where their reading starts and ends.</summary>
    /// <param name="moves">First position to read of each moved response, and the number of its positions.</param>
    /// <param name="groupCost">What one more group costs, in token positions.</param>
    /// <param name="maxRows">Most rows of one pass.</param>
    /// <returns>
    /// The groups of each pass: indices into <paramref name="moves"/>. Within a group the lowest start is where its reading begins.
    /// </returns>
    public static IReadOnlyList<IReadOnlyList<int[]>> Passes(
        IReadOnlyList<(int Start, int Length)> moves, int groupCost, int maxRows = MaxRows)
    {
        List<List<int[]>> passes = [];
        int room = 0;
        foreach (int[] group in Groups(moves, groupCost, maxRows))
        {
            for (int first = 0; first < group.Length;)
            {
                if (room == 0)
                {
                    passes.Add([]);
                    room = maxRows;
                }

                int[] part = group[first..Math.Min(group.Length, first + room)];
                passes[^1].Add(part);
                room -= part.Length;
                first += part.Length;
            }
        }

        return passes;
    }

    private static List<int[]> Groups(IReadOnlyList<(int Start, int Length)> moves, int groupCost, int maxRows)
    {
        int[] order =
            [.. Enumerable.Range(0, moves.Count).OrderBy(index => moves[index].Start).ThenBy(index => moves[index].Length)];
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
            int longest = 0;
            for (int first = end - 1; first >= Math.Max(0, end - maxRows); first--)
            {
                longest = Math.Max(longest, moves[order[first]].Length);
                long cost = best[first] + groupCost + ((long)(end - first) * (longest - moves[order[first]].Start));
                if (cost <= best[end])
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
