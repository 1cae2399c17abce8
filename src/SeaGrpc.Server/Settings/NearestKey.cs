using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Settings;

/// <summary>Finds what was probably meant by a misspelt key.</summary>
internal static class NearestKey
{
    /// <summary>The known key that is closest to a given one; letters' case does not count.</summary>
    /// <param name="key">Parts with colons between them.</param>
    /// <param name="known">At least one; <see cref="EntriesShape.Name"/> in it stands for any name.</param>
    public static string Of(string key, IEnumerable<string> known) =>
        known
            .Select(candidate => Named(candidate, key))
            .MinBy(candidate =>
                Math.Min(
                    NearestName.Distance(candidate, key),
                    LastPart(candidate).Equals(LastPart(key), StringComparison.OrdinalIgnoreCase) ? 2 : int.MaxValue
                )
            )!;

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
