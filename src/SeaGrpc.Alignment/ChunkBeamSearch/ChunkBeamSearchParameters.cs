namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>How <c>chunk_beam_search</c> ranks a response that has not ended.</summary>
public enum BeamPrefixScoring
{
    /// <summary>By the reward as if it ended there: the reward model's suffix (its EOS) follows (ours).</summary>
    EosAppended,

    /// <summary>By the reward at its last token (the public code): meaningful only where the reward model was trained on prefixes.</summary>
    Raw,

    /// <summary>By the rewards of completions that the policy samples; they compete as answers (ours).</summary>
    Rollout,
}

/// <summary>What <see cref="BeamPrefixScoring.Rollout"/> makes of a candidate's completions.</summary>
public enum RolloutRanking
{
    /// <summary>Their mean reward: what the policy makes of the candidate on average.</summary>
    Mean,

    /// <summary>Their highest reward.</summary>
    Max,
}

/// <summary>Method <c>chunk_beam_search</c>: beams extended by sampled chunks, the best by reward survive (arXiv 2405.19262).</summary>
public sealed record ChunkBeamSearchParameters : MethodParameters
{
    /// <summary>The defaults; the sampling temperature is 0.7.</summary>
    public ChunkBeamSearchParameters() => SamplingTemperature = 0.7;

    /// <summary>Beams W that survive a chunk; at least 1.</summary>
    public int BeamWidth { get; init; } = 4;

    /// <summary>Successors K sampled per beam; at least 1.</summary>
    public int SamplesPerBeam { get; init; } = 4;

    /// <summary>Chunk length L in tokens; at least 1.</summary>
    public int ChunkTokens { get; init; } = 10;

    /// <summary>Sample among the policy's k likeliest tokens; 0 is all.</summary>
    public int TopK { get; init; } = 50;

    /// <summary>How a response that has not ended is ranked.</summary>
    public BeamPrefixScoring PrefixScoring { get; init; } = BeamPrefixScoring.EosAppended;

    /// <summary>Completions R per candidate and chunk, where rollouts rank; at least 1.</summary>
    public int Rollouts { get; init; } = 4;

    /// <summary>What ranks a candidate among its completions.</summary>
    public RolloutRanking RolloutRanking { get; init; } = RolloutRanking.Mean;

    /// <summary>
    /// Whether a sample of the policy is drawn as the draft where the caller has none; it competes with the search's
    /// answer. Where a chunk is a whole response the first candidate is the draft, and none is drawn.
    /// </summary>
    public bool SampleDraft { get; init; } = true;
}
