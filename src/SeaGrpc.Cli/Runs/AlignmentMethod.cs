namespace SeaGrpc.Cli.Runs;

/// <summary>The methods that the command line knows.</summary>
internal enum AlignmentMethod
{
    /// <summary>Simple Energy Adaptation.</summary>
    Sea,

    /// <summary>The best of N samples.</summary>
    BestOfN,

    /// <summary>Reward-guided search, token by token.</summary>
    Args,

    /// <summary>Beam search over sampled chunks.</summary>
    ChunkBeamSearch,

    /// <summary>One sample.</summary>
    Base,
}
