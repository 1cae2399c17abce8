using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Settings;

/// <summary>Finds the key that a misspelt one was probably meant to be.</summary>
internal static class NearestKey
{
    /// <summary>The known key that is closest to a given one, ignoring case.</summary>
    /// <param name="key">Key parts separated by colons.</param>
    /// <param name="known">The known keys; at least one. <see cref="EntriesShape.Name"/> stands for any name.</param>
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

    /// <summary>The candidate, with the operator's own names in place of the placeholders.</summary>
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
