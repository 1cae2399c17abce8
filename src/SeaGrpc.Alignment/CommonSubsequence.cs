namespace SeaGrpc.Alignment;

/// <summary>A longest common subsequence: what two sequences have in common, in order, gaps allowed.</summary>
public static class CommonSubsequence
{
    /// <summary>
    /// The pairs of equal elements, in order. Where several subsequences are longest, elements of the first sequence are left out early.
    /// </summary>
    /// <param name="first">One sequence; time and memory grow with the product of both lengths.</param>
    /// <param name="second">The other.</param>
    /// <returns>Indices in each; empty if nothing is common.</returns>
    public static IReadOnlyList<(int First, int Second)> Of<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second)
        where T : IEquatable<T>
    {
        var lengths = new int[first.Length + 1, second.Length + 1]; // [row, column]: of the rests from there
        for (int row = first.Length - 1; row >= 0; row--)
        {
            for (int column = second.Length - 1; column >= 0; column--)
            {
                lengths[row, column] = first[row].Equals(second[column])
                    ? lengths[row + 1, column + 1] + 1
                    : Math.Max(lengths[row + 1, column], lengths[row, column + 1]);
            }
        }

        List<(int, int)> pairs = new(lengths[0, 0]);
        for (int row = 0, column = 0; row < first.Length && column < second.Length;)
        {
            if (first[row].Equals(second[column]))
            {
                pairs.Add((row++, column++));
            }
            else if (lengths[row + 1, column] >= lengths[row, column + 1])
            {
                row++;
            }
            else
            {
                column++;
            }
        }

        return pairs;
    }
}
