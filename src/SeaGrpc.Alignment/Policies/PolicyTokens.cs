namespace SeaGrpc.Alignment.Policies;

/// <summary>What a policy outside the process says that it has done.</summary>
/// <param name="Read">Tokens of the rows that it was given, those in its prefix cache included.</param>
/// <param name="Cached">Those of them that were in its prefix cache, as far as it tells.</param>
/// <param name="Drawn">Tokens that it has drawn.</param>
public readonly record struct PolicyTokens(long Read, long Cached, long Drawn)
{
    /// <summary>The sum of two.</summary>
    public static PolicyTokens operator +(PolicyTokens one, PolicyTokens other) => Add(one, other);

    /// <summary>The sum of two.</summary>
    public static PolicyTokens Add(PolicyTokens one, PolicyTokens other) =>
        new(one.Read + other.Read, one.Cached + other.Cached, one.Drawn + other.Drawn);
}
