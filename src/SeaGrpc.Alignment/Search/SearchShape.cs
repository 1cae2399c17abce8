namespace SeaGrpc.Alignment.Search;

/// <summary>
/// What a search does: how wide it is, how it scores and ranks prefixes, and what becomes of those that end. Every method that goes from
/// left to right is one of these.
/// </summary>
internal sealed record SearchShape
{
    /// <summary>Beams W that survive a step.</summary>
    public required int BeamWidth { get; init; }

    /// <summary>Next tokens K of a beam that are read exactly.</summary>
    public int Candidates { get; init; } = 1;

    /// <summary>Tokens D that are chosen one by one, before chunks are sampled.</summary>
    public int EnumeratedTokens { get; init; }

    /// <summary>Length L of a sampled chunk.</summary>
    public int ChunkTokens { get; init; } = int.MaxValue;

    /// <summary>Chunks K2 sampled of every beam; W K2 of the prefix that the search starts from.</summary>
    public int SamplesPerBeam { get; init; } = 1;

    /// <summary>Sample among the k likeliest; 0 is all.</summary>
    public int TopK { get; init; }

    /// <summary>How a prefix is scored.</summary>
    public BeamPrefixScoring Scoring { get; init; } = BeamPrefixScoring.EosAppended;

    /// <summary>Completions R of every prefix, where these score it.</summary>
    public int Rollouts { get; init; } = 1;

    /// <summary>What its completions are worth together.</summary>
    public RolloutRanking RolloutRanking { get; init; } = RolloutRanking.Mean;

    /// <summary>What the best W are the best by.</summary>
    public SearchRanking RankBy { get; init; } = SearchRanking.Energy;

    /// <summary>
    /// Weight w of the reward in a local score, logit + w reward, which then ranks enumerated tokens; null where there is none.
    /// </summary>
    public double? LocalWeight { get; init; }

    /// <summary>Temperature at which survivors are drawn; null takes the best.</summary>
    public double? DrawTemperature { get; init; }

    /// <summary>How far a prefix's energy may lie above the best response's, in nats.</summary>
    public double PruneMargin { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// Whether the end of a response is a candidate like any other, which takes a place among the beams and keeps it while it is good
    /// enough, and copies take places too, as the published searches have it. Else ends take no place, and what each beam would be if it
    /// ended is a response of its own.
    /// </summary>
    public bool EndsStay { get; init; }

    /// <summary>Smallest log-probability of the end, in nats, at which a beam is a response of its own.</summary>
    public double EndFloor { get; init; } = double.NegativeInfinity;

    /// <summary>Rows that have caches at once: beams, survivors, what is read of them, and their rollouts; from above.</summary>
    /// <param name="continuations">Continuations side by side.</param>
    public long Rows(int continuations)
    {
        long fresh = Math.Max(
            EnumeratedTokens > 0 ? (long)BeamWidth * Candidates : 0, Math.Min(PrefixSearch.BatchRows, (long)BeamWidth * SamplesPerBeam));
        bool completes = Scoring == BeamPrefixScoring.Rollout;
        return (continuations * ((2L * BeamWidth) + 2 + (completes ? 2 * fresh : fresh)))
            + (completes ? Math.Min(PrefixSearch.BatchRows, fresh * Rollouts) : 0);
    }

    /// <summary>Whether what a beam would be if it ended is known once the policy has read it.</summary>
    public bool HasFreeEnds => !EndsStay && Scoring == BeamPrefixScoring.EosAppended;
}
