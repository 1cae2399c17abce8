using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>Method <c>chunk_beam_search</c>: beams extended by sampled chunks, the best by reward survive (arXiv 2405.19262).</summary>
public sealed record ChunkBeamSearchParameters : MethodParameters
{
    [Parameter("Number W of beams that are kept after each chunk.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int BeamWidth { get; init; } = 4;

    [Parameter("Number K of continuations sampled per beam.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int SamplesPerBeam { get; init; } = 4;

    [Parameter("Chunk length L.", Unit = "tokens", AtLeast = 1)]
    public int ChunkTokens { get; init; } = 10;

    [Parameter("Temperature at which chunks are sampled.", Above = 0, Name = "temperature")]
    public override double SamplingTemperature { get; init; } = 0.7;

    [Parameter("Sample among the policy's k likeliest tokens. 0 means all.", AtLeast = 0)]
    public int TopK { get; init; } = 50;

    [Parameter("How an unfinished response is ranked.")]
    public BeamPrefixScoring PrefixScoring { get; init; } = BeamPrefixScoring.EosAppended;

    [Parameter(
        "Number R of completions sampled per candidate and chunk if rollouts rank.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public int Rollouts { get; init; } = 4;

    [Parameter("How the rewards of a candidate's completions are combined.")]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public RolloutRanking RolloutRanking { get; init; } = RolloutRanking.Mean;

    [Parameter(
        "Sample a draft from the policy if the spec has none; it competes with the result of the search. Otherwise the draft is only the "
        + "response prefix and does not compete. If a chunk is as long as a response, the first candidate is the draft.")]
    public bool SampleDraft { get; init; } = true;

    /// <summary>Sampled chunks alone, by reward.</summary>
    /// <remarks>
    /// Deviations from the public code: a prefix is scored as if it ended there unless asked otherwise; a beam that has ended competes
    /// once, where the original copies it K times, so that one such beam can push all others out; an ended response that was pushed out may
    /// still answer; tokens that a response must not contain are never drawn; there is a draft.
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
