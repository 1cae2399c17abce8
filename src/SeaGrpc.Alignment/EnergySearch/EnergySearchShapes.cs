using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>The searches of <c>energy_search</c>.</summary>
internal static class EnergySearchShapes
{
    /// <summary>Tokens that the reward reads for a candidate: the token, and the end of its template.</summary>
    private const int TokensOfCandidate = 5;

    /// <summary>
    /// Estimate of the tokens that the candidates of a search cost: of the first step, which has one beam, and of the others.
    /// </summary>
    /// <param name="shape">The search's shape.</param>
    public static long TokensOfCandidates(SearchShape shape) => shape.EnumeratedTokens == 0
        ? 0
        : (long)shape.Candidates * (1 + ((shape.EnumeratedTokens - 1) * (long)shape.BeamWidth)) * TokensOfCandidate;

    /// <summary>The shape of the first search.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="rises">How far the draft's own prefixes lie above it.</param>
    public static SearchShape First(EnergySearchParameters parameters, PrefixRises rises) => new()
    {
        BeamWidth = parameters.BeamWidth,
        Candidates = parameters.Candidates,
        EnumeratedTokens = parameters.EnumeratedTokens,
        ChunkTokens = parameters.ChunkTokens,
        SamplesPerBeam = parameters.SamplesPerBeam,
        TopK = parameters.TopK,
        Scoring = parameters.PrefixScoring,
        Rollouts = parameters.RolloutSamples,
        RolloutRanking = parameters.RolloutRanking,
        RankBy = parameters.RankBy,
        PruneMargin = parameters.PruneMargin,
        Rises = rises,
        EndFloor = parameters.EndFloor,
    };

    /// <summary>The shape of the first search after a number of widenings.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="rises">How far the draft's own prefixes lie above it.</param>
    /// <param name="widenings">How many times the number of beams is doubled.</param>
    public static SearchShape Widened(EnergySearchParameters parameters, PrefixRises rises, int widenings) =>
        First(parameters, rises) with { BeamWidth = parameters.BeamWidth << widenings };

    /// <summary>The widest shape, for estimating memory.</summary>
    /// <param name="parameters">The parameters.</param>
    public static SearchShape Widest(EnergySearchParameters parameters) => Widened(parameters, PrefixRises.None, parameters.Widenings);

    /// <summary>That of whole responses, sampled side by side as the draft is.</summary>
    /// <param name="count">How many; at most <see cref="PrefixSearch.BatchRows"/>.</param>
    public static SearchShape Samples(int count) => new() { BeamWidth = 1, SamplesPerBeam = count, EndsStay = true };

    /// <summary>The rewrites'.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="rises">How far the draft's own prefixes lie above it.</param>
    public static SearchShape Rewrites(EnergySearchParameters parameters, PrefixRises rises) => First(parameters, rises) with
    {
        BeamWidth = parameters.RewriteBeamWidth,
        Candidates = parameters.RewriteCandidates,
        EnumeratedTokens = parameters.RewriteEnumeratedTokens,
    };
}
