using System.Collections.Frozen;

namespace SeaGrpc.Server.Security;

/// <summary>What the operator's file says about one caller. Null means no limit.</summary>
/// <param name="Name">Its name in logs and metrics.</param>
/// <param name="TokenHashes">SHA-256 of each of its tokens, 32 bytes each.</param>
internal sealed record CallerRule(string Name, IReadOnlyList<byte[]> TokenHashes)
{
    /// <summary>The highest priority that its calls have, in steps ahead in the queue.</summary>
    public int? MaxPriority { get; init; }

    /// <summary>How many of its alignments and scores may wait and run at once.</summary>
    public int? MaxConcurrentCalls { get; init; }

    /// <summary>Tokens that the models may read for it each minute, on average; as many at once.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Names of the alignment methods that it may use.</summary>
    public FrozenSet<string>? Methods { get; init; }

    /// <summary>Names of the RPCs that it may call.</summary>
    public FrozenSet<string>? Rpcs { get; init; }
}
