namespace SeaGrpc.Alignment.Parameters;

/// <summary>Finds the name that a misspelt one was probably meant to be.</summary>
public static class NearestName
{
    /// <summary>The known name with the fewest changes from a given one.</summary>
    /// <param name="name">The name.</param>
    /// <param name="known">The known names; at least one.</param>
    public static string Of(string name, IEnumerable<string> known) => known.MinBy(candidate => Distance(candidate, name))!;

    /// <summary>
    /// Number of letters to insert, remove, replace or swap with their neighbour to turn one word into the other, ignoring case.
    /// </summary>
    public static int Distance(string left, string right)
    {
        int[,] steps = new int[left.Length + 1, right.Length + 1];
        for (int row = 0; row <= left.Length; row++)
        {
            for (int column = 0; column <= right.Length; column++)
            {
                steps[row, column] = row == 0 ? column : column == 0 ? row : Math.Min(
                    Math.Min(steps[row - 1, column], steps[row, column - 1]) + 1,
                    steps[row - 1, column - 1] + (Same(left[row - 1], right[column - 1]) ? 0 : 1));
                if (row > 1 && column > 1 && Same(left[row - 1], right[column - 2]) && Same(left[row - 2], right[column - 1]))
                {
                    steps[row, column] = Math.Min(steps[row, column], steps[row - 2, column - 2] + 1);
                }
            }
        }

        return steps[left.Length, right.Length];
    }

    private static bool Same(char left, char right) => char.ToUpperInvariant(left) == char.ToUpperInvariant(right);
}
