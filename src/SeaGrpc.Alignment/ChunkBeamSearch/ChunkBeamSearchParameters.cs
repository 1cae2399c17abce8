using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>
/// Method <c>chunk_beam_search</c>: beams are extended by sampled chunks, and those with the highest rewards survive (arXiv 2405.19262).
/// </summary>
public sealed record ChunkBeamSearchParameters : DraftedParameters
{
    [Parameter("Number W of beams that are kept after each chunk.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int BeamWidth { get; init; } = 4;

    [Parameter("Number K of continuations sampled per beam.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int SamplesPerBeam { get; init; } = 4;

    [Parameter("Chunk length L.", Unit = "tokens", AtLeast = 1)]
    public int ChunkTokens { get; init; } = 10;

    [Parameter("Temperature at which chunks are sampled.", Above = 0, Name = "temperature")]
    public override double SamplingTemperature { get; init; } = 0.7;

    [Parameter("Number k of the policy's most likely tokens to sample from. 0 means all.", AtLeast = 0)]
    public int TopK { get; init; } = 50;

    [Parameter("How an unfinished response is ranked.")]
    public BeamPrefixScoring PrefixScoring { get; init; } = BeamPrefixScoring.EosAppended;

    [Parameter(
        "Number R of completions sampled per candidate and chunk for BEAM_PREFIX_SCORING_ROLLOUT.",
        AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public int Rollouts { get; init; } = 4;

    [Parameter("How the rewards of a candidate's completions are combined.")]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public RolloutRanking RolloutRanking { get; init; } = RolloutRanking.Mean;

    [Parameter(
        "Whether to sample a draft from the policy if the spec has none. It competes with the result of the search. If false, the "
        + "draft is only the response prefix, which does not compete. If a chunk is as long as a response, the first candidate is the "
        + "draft.")]
    public bool SampleDraft { get; init; } = true;

    /// <summary>Only sampled chunks, ranked by reward.</summary>
    /// <remarks>
    /// Deviations from the published code: by default a prefix is scored as if it ended there. A beam that has ended competes once; the
    /// original copies it K times, so one such beam can displace all others. An ended response that was displaced can still be the answer.
    /// Tokens that a response must not contain are never drawn. There is a draft.
    /// </remarks>
    internal SearchPlan Plan(AlignmentTask task)
    {
        int room = task.MaxResponseTokens - task.ResponsePrefix.Count;
        return new SearchPlan(
            new SearchShape
            {
                BeamWidth = BeamWidth,
                ChunkTokens = ChunkTokens,
                SamplesPerBeam = SamplesPerBeam,
                TopK = TopK,
                Scoring = PrefixScoring,
                Rollouts = Rollouts,
                RolloutRanking = RolloutRanking,
                RankBy = SearchRanking.Reward,
                EndsStay = true,
            },
            (int)(((long)room + ChunkTokens - 1) / ChunkTokens))
        {
            SampleDraft = SampleDraft,
            FirstIsDraft = ChunkTokens >= room,
        };
    }
}
