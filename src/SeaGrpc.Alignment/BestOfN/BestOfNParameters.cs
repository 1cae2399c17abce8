using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.BestOfN;

/// <summary>Method <c>best_of_n</c>: answers with the sample of the highest reward, without length normalisation.</summary>
public sealed record BestOfNParameters : DraftedParameters
{
    [Parameter("Number of samples.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int SampleCount { get; init; } = 16;

    /// <summary>One chunk per sample, as long as a response. The draft is the caller's, otherwise the first sample.</summary>
    internal SearchPlan Plan() => new(
        new SearchShape { BeamWidth = 1, RankBy = SearchRanking.Reward, EndsStay = true },
        (SampleCount + PrefixSearch.BatchRows - 1) / PrefixSearch.BatchRows)
    {
        Samples = SampleCount,
        FirstIsDraft = true,
    };
}
