namespace SeaGrpc.Alignment.Search;

/// <summary>
/// The width of a search, how it scores and ranks prefixes, and how it treats those that end. Every left-to-right method is a search of
/// some shape.
/// </summary>
internal sealed record SearchShape
{
    /// <summary>Number of beams W that survive a step.</summary>
    public required int BeamWidth { get; init; }

    /// <summary>Number of next tokens K per beam that are read exactly.</summary>
    public int Candidates { get; init; } = 1;

    /// <summary>Number of tokens D that are chosen one by one before chunks are sampled.</summary>
    public int EnumeratedTokens { get; init; }

    /// <summary>Length L of a sampled chunk.</summary>
    public int ChunkTokens { get; init; } = int.MaxValue;

    /// <summary>Number of chunks K2 sampled per beam; W K2 for the prefix that the search starts from.</summary>
    public int SamplesPerBeam { get; init; } = 1;

    /// <summary>Number of most likely tokens to sample from; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>How a prefix is scored.</summary>
    public BeamPrefixScoring Scoring { get; init; } = BeamPrefixScoring.EosAppended;

    /// <summary>Number of completions R per prefix, if completions score it.</summary>
    public int Rollouts { get; init; } = 1;

    /// <summary>How completions are combined.</summary>
    public RolloutRanking RolloutRanking { get; init; } = RolloutRanking.Mean;

    /// <summary>How survivors are ranked.</summary>
    public SearchRanking RankBy { get; init; } = SearchRanking.Energy;

    /// <summary>Weight w of the reward in a local score, logit + w reward, which ranks enumerated tokens; null if there is none.</summary>
    public double? LocalWeight { get; init; }

    /// <summary>Temperature at which survivors are drawn; null to take the best.</summary>
    public double? DrawTemperature { get; init; }

    /// <summary>How far a prefix's energy may lie above that of the best response, in nats.</summary>
    public double PruneMargin { get; init; } = double.PositiveInfinity;

    /// <summary>What is added to it for a prefix's length.</summary>
    public PrefixRises Rises { get; init; } = PrefixRises.None;

    /// <summary>
    /// Whether the end of a response is a candidate like any other. As in the published searches, it then takes a place among the beams and
    /// keeps it while it is good enough, and copies take places too. Otherwise ends take no place, and each beam also yields the response
    /// that ends there.
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

    /// <summary>Whether the response that ends at a beam is known once the policy has read the beam.</summary>
    public bool HasFreeEnds => !EndsStay && Scoring == BeamPrefixScoring.EosAppended;
}
