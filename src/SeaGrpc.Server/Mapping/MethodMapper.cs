using SeaGrpc.Alignment;
using SeaGrpc.V1;
using Plain = SeaGrpc.Alignment;

namespace SeaGrpc.Server.Mapping;

/// <summary>Writes complete parameters in the contract's form, every field set.</summary>
public static class MethodMapper
{
    /// <summary>Puts a method into a spec.</summary>
    public static void Write(MethodParameters method, AlignmentSpec spec)
    {
        switch (method)
        {
            case Plain.Sea.SeaParameters sea:
                spec.Sea = Of(sea);
                break;
            case Plain.BestOfN.BestOfNParameters bestOfN:
                spec.BestOfN = Of(bestOfN);
                break;
            case Plain.Args.ArgsParameters args:
                spec.Args = Of(args);
                break;
            case Plain.ChunkBeamSearch.ChunkBeamSearchParameters search:
                spec.ChunkBeamSearch = Of(search);
                break;
            case Plain.BaseParameters sample:
                spec.Base = Of(sample);
                break;
            default:
                throw new ArgumentException($"The contract has no {method.GetType().Name}.", nameof(method));
        }
    }

    /// <summary>Method sea. The enumerations' values are the plain ones plus 1.</summary>
    public static SeaParameters Of(Plain.Sea.SeaParameters sea) => new()
    {
        RewardWeight = sea.RewardWeight,
        SamplingTemperature = sea.SamplingTemperature,
        Chains = sea.Chains,
        Iterations = sea.Iterations,
        StepSize = sea.StepSize,
        Step = (SeaStep)(sea.Step + 1),
        Temperature = sea.Temperature,
        Noise = (SeaNoise)(sea.Noise + 1),
        NoiseScale = sea.NoiseScale,
        NoiseTemperature = sea.NoiseTemperature,
        EmbeddingNoise = sea.EmbeddingNoise,
        Reference = (SeaReference)(sea.Reference + 1),
        Initialization = (SeaInitialization)(sea.Initialization + 1),
        Selection = (SeaSelection)(sea.Selection + 1),
        KeepBest = sea.KeepBest,
        Length = (SeaLength)(sea.Length + 1),
        TopK = sea.TopK,
        GuidedDecode = sea.GuidedDecode,
        PlateauIterations = sea.PlateauIterations,
        PlateauTolerance = sea.PlateauTolerance,
        Sampler = (SeaSampler)(sea.Sampler + 1),
        DraftSamples = sea.DraftSamples,
        Proposals = sea.Proposals,
        FlipTemperature = sea.FlipTemperature,
        CombineFlips = sea.CombineFlips,
        MinProbability = sea.MinProbability,
    };

    /// <summary>Method best_of_n.</summary>
    public static BestOfNParameters Of(Plain.BestOfN.BestOfNParameters bestOfN) => new()
    {
        RewardWeight = bestOfN.RewardWeight,
        SamplingTemperature = bestOfN.SamplingTemperature,
        SampleCount = bestOfN.SampleCount,
    };

    /// <summary>Method args. The enumerations' values are the plain ones plus 1.</summary>
    public static ArgsParameters Of(Plain.Args.ArgsParameters args) => new()
    {
        RewardWeight = args.RewardWeight,
        Candidates = args.Candidates,
        GuidanceWeight = args.GuidanceWeight,
        Greedy = args.Greedy,
        Temperature = args.Temperature,
        PrefixScoring = (ArgsPrefixScoring)(args.PrefixScoring + 1),
        SampleDraft = args.SampleDraft,
    };

    /// <summary>Method chunk_beam_search. The enumerations' values are the plain ones plus 1.</summary>
    public static ChunkBeamSearchParameters Of(Plain.ChunkBeamSearch.ChunkBeamSearchParameters search) => new()
    {
        RewardWeight = search.RewardWeight,
        BeamWidth = search.BeamWidth,
        SamplesPerBeam = search.SamplesPerBeam,
        ChunkTokens = search.ChunkTokens,
        Temperature = search.SamplingTemperature,
        TopK = search.TopK,
        PrefixScoring = (BeamPrefixScoring)(search.PrefixScoring + 1),
        Rollouts = search.Rollouts,
        RolloutRanking = (RolloutRanking)(search.RolloutRanking + 1),
        SampleDraft = search.SampleDraft,
    };

    /// <summary>Method base.</summary>
    public static V1.BaseParameters Of(Plain.BaseParameters sample) => new()
    {
        RewardWeight = sample.RewardWeight,
        SamplingTemperature = sample.SamplingTemperature,
    };
}
