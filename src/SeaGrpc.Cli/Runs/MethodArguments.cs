using SeaGrpc.V1;

namespace SeaGrpc.Cli.Runs;

/// <summary>The method that the command line asks for, and its parameters. What is null is the server's default.</summary>
internal sealed record MethodArguments
{
    /// <summary>What runs.</summary>
    public AlignmentMethod Method { get; init; } = AlignmentMethod.Sea;

    /// <summary>Weight of the reward in the energy.</summary>
    public double? RewardWeight { get; init; }

    /// <summary>Where SEA's parameters come from.</summary>
    public SeaPreset? Preset { get; init; }

    /// <summary>Chains of SEA.</summary>
    public int? Chains { get; init; }

    /// <summary>Iterations of SEA.</summary>
    public int? Iterations { get; init; }

    /// <summary>How SEA's chains start.</summary>
    public SeaInitialization? Initialization { get; init; }

    /// <summary>SEA's reference term.</summary>
    public SeaReference? Reference { get; init; }

    /// <summary>SEA's noise on the logits.</summary>
    public SeaNoise? Noise { get; init; }

    /// <summary>Samples that SEA draws to start from.</summary>
    public int? DraftSamples { get; init; }

    /// <summary>SEA's smoothing noise on the embeddings.</summary>
    public double? EmbeddingNoise { get; init; }

    /// <summary>Step size of SEA.</summary>
    public double? StepSize { get; init; }

    /// <summary>Samples of best-of-n.</summary>
    public int? Samples { get; init; }

    /// <summary>Candidates of args.</summary>
    public int? Candidates { get; init; }

    /// <summary>Weight of the reward against the logits of args.</summary>
    public double? GuidanceWeight { get; init; }

    /// <summary>Beams of chunk-beam-search.</summary>
    public int? BeamWidth { get; init; }

    /// <summary>Successors of each beam of chunk-beam-search.</summary>
    public int? SamplesPerBeam { get; init; }

    /// <summary>Chunk length of chunk-beam-search.</summary>
    public int? ChunkTokens { get; init; }

    /// <summary>How args or chunk-beam-search scores a prefix; by the name that the command line gives it.</summary>
    public string? PrefixScoring { get; init; }

    /// <summary>Completions of each candidate of chunk-beam-search.</summary>
    public int? Rollouts { get; init; }

    /// <summary>Puts the method into a spec.</summary>
    public void WriteTo(AlignmentSpec spec)
    {
        switch (Method)
        {
            case AlignmentMethod.BestOfN:
                spec.BestOfN = new BestOfNParameters();
                Set(Samples, value => spec.BestOfN.SampleCount = value);
                Set(RewardWeight, value => spec.BestOfN.RewardWeight = value);
                break;
            case AlignmentMethod.Args:
                spec.Args = Args();
                break;
            case AlignmentMethod.ChunkBeamSearch:
                spec.ChunkBeamSearch = ChunkBeamSearch();
                break;
            case AlignmentMethod.Base:
                spec.Base = new BaseParameters();
                Set(RewardWeight, value => spec.Base.RewardWeight = value);
                break;
            default:
                spec.Sea = Sea();
                break;
        }
    }

    private SeaParameters Sea()
    {
        var sea = new SeaParameters();
        Set(Preset, value => sea.Preset = value);
        Set(Chains, value => sea.Chains = value);
        Set(Iterations, value => sea.Iterations = value);
        Set(RewardWeight, value => sea.RewardWeight = value);
        Set(Initialization, value => sea.Initialization = value);
        Set(Reference, value => sea.Reference = value);
        Set(Noise, value => sea.Noise = value);
        Set(DraftSamples, value => sea.DraftSamples = value);
        Set(EmbeddingNoise, value => sea.EmbeddingNoise = value);
        Set(StepSize, value => sea.StepSize = value);
        return sea;
    }

    private ArgsParameters Args()
    {
        var args = new ArgsParameters();
        Set(RewardWeight, value => args.RewardWeight = value);
        Set(Candidates, value => args.Candidates = value);
        Set(GuidanceWeight, value => args.GuidanceWeight = value);
        if (PrefixScoring is not null)
        {
            args.PrefixScoring = PrefixScoring == "raw" ? ArgsPrefixScoring.Raw : ArgsPrefixScoring.EosAppended;
        }

        return args;
    }

    private ChunkBeamSearchParameters ChunkBeamSearch()
    {
        var search = new ChunkBeamSearchParameters();
        Set(RewardWeight, value => search.RewardWeight = value);
        Set(BeamWidth, value => search.BeamWidth = value);
        Set(SamplesPerBeam, value => search.SamplesPerBeam = value);
        Set(ChunkTokens, value => search.ChunkTokens = value);
        Set(Rollouts, value => search.Rollouts = value);
        if (PrefixScoring is not null)
        {
            search.PrefixScoring = PrefixScoring switch
            {
                "raw" => BeamPrefixScoring.Raw,
                "rollout" => BeamPrefixScoring.Rollout,
                _ => BeamPrefixScoring.EosAppended,
            };
        }

        return search;
    }

    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } given)
        {
            set(given);
        }
    }
}
