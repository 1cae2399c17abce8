namespace SeaGrpc.Server.Settings;

/// <summary>Finds what was probably meant by a misspelt key.</summary>
internal static class NearestKey
{
    /// <summary>The known key that is closest to a given one; letters' case does not count.</summary>
    /// <param name="key">Parts with colons between them.</param>
    /// <param name="known">At least one; <see cref="EntriesShape.Name"/> in it stands for any name.</param>
    public static string Of(string key, IEnumerable<string> known) => known
        .Select(candidate => Named(candidate, key))
        .MinBy(candidate => Math.Min(Distance(candidate, key), LastPart(candidate).Equals(LastPart(key), StringComparison.OrdinalIgnoreCase) ? 2 : int.MaxValue))!;

    /// <summary>Letters to insert, remove, replace or swap with their neighbour to make one word of the other; case does not count.</summary>
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

    private static string LastPart(string key) => key[(key.LastIndexOf(':') + 1)..];

    /// <summary>The candidate with the operator's own names where it leaves them open.</summary>
    private static string Named(string candidate, string key)
    {
        string[] parts = candidate.Split(':');
        string[] given = key.Split(':');
        for (int index = 0; index < Math.Min(parts.Length, given.Length); index++)
        {
            parts[index] = parts[index] == EntriesShape.Name && given[index].Length > 0 ? given[index] : parts[index];
        }

        return string.Join(':', parts);
    }
}
