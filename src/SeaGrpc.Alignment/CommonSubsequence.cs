namespace SeaGrpc.Alignment;

/// <summary>Computes a longest common subsequence of two sequences.</summary>
public static class CommonSubsequence
{
    /// <summary>
    /// The pairs of equal elements, in order. If several subsequences are longest, elements at the start of the first sequence are skipped
    /// first.
    /// </summary>
    /// <param name="first">One sequence. Time and memory grow with the product of both lengths.</param>
    /// <param name="second">The other.</param>
    /// <returns>Indices in both sequences; empty if they have nothing in common.</returns>
    public static IReadOnlyList<(int First, int Second)> Of<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second)
        where T : IEquatable<T>
    {
        var lengths = new int[first.Length + 1, second.Length + 1]; // [row, column]: of the remainders from there
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
