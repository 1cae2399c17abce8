namespace SeaGrpc.Alignment.Search;

/// <summary>
/// How far a response's own beginnings lie above it. A search allows as much to prefixes of about their length: what a prefix's energy is
/// worth depends on the reward, and it is worth more the less of a response is missing.
/// </summary>
/// <param name="beginnings">The beginnings by length: number of tokens, and how far each lies above the response, in nats.</param>
/// <param name="byLength">Whether the length of a prefix tells how much of a response is missing.</param>
internal sealed class PrefixRises(IReadOnlyList<(int Tokens, double Rise)> beginnings, bool byLength = true)
{
    /// <summary>Nothing is allowed.</summary>
    public static PrefixRises None { get; } = new([]);

    /// <summary>The rise of the longest beginning, in nats; 0 if there is none.</summary>
    public double Latest => beginnings.Count == 0 ? 0 : beginnings[^1].Rise;

    /// <summary>
    /// The highest rise of the longest beginning that a prefix has the length of, and of all longer ones, in nats; at least 0. Where the
    /// length tells nothing, the highest of all.
    /// </summary>
    /// <param name="tokens">Number of tokens of the prefix. One shorter than all beginnings counts as the shortest.</param>
    public double From(int tokens)
    {
        double most = 0;
        for (int index = beginnings.Count - 1; index >= 0; index--)
        {
            most = Math.Max(most, beginnings[index].Rise);
            if (byLength && beginnings[index].Tokens <= tokens)
            {
                break;
            }
        }

        return most;
    }
}
