using SeaGrpc.Alignment;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using ArgsParameters = SeaGrpc.Alignment.Args.ArgsParameters;
using BaseParameters = SeaGrpc.Alignment.BaseParameters;
using BestOfNParameters = SeaGrpc.Alignment.BestOfN.BestOfNParameters;
using ChunkBeamSearchParameters = SeaGrpc.Alignment.ChunkBeamSearch.ChunkBeamSearchParameters;
using Plain = SeaGrpc.Alignment.Sea;
using PlainBeamPrefixScoring = SeaGrpc.Alignment.ChunkBeamSearch.BeamPrefixScoring;

namespace SeaGrpc.Server.Validation;

/// <summary>Checks a method's parameters and makes them complete.</summary>
internal sealed class MethodValidator(LimitOptions limits)
{
    /// <summary>The contract's names of the methods that run here.</summary>
    public static IReadOnlyList<string> Available { get; } = ["sea", "best_of_n", "args", "chunk_beam_search", "base"];

    /// <summary>The parameters; meaningless where there are violations.</summary>
    public MethodParameters? Read(AlignmentSpec spec, string path, Violations violations)
    {
        switch (spec.MethodCase)
        {
            case AlignmentSpec.MethodOneofCase.Sea:
                return ReadSea(spec, new FieldReader($"{path}.sea", violations));
            case AlignmentSpec.MethodOneofCase.BestOfN:
                return ReadBestOfN(spec.BestOfN, new FieldReader($"{path}.best_of_n", violations));
            case AlignmentSpec.MethodOneofCase.Base:
                return ReadBase(spec.Base, new FieldReader($"{path}.base", violations));
            case AlignmentSpec.MethodOneofCase.Args:
                return ReadArgs(spec.Args, new FieldReader($"{path}.args", violations));
            case AlignmentSpec.MethodOneofCase.ChunkBeamSearch:
                return ReadChunkBeamSearch(spec.ChunkBeamSearch, new FieldReader($"{path}.chunk_beam_search", violations));
            default:
                violations.Required($"{path}.method", $"is required: set one of {string.Join(", ", Available)}");
                return null;
        }
    }

    /// <summary>How many chains (or candidates side by side) a method tells of.</summary>
    public static int ChainCount(MethodParameters method) => method switch
    {
        Plain.SeaParameters sea => sea.Chains,
        ChunkBeamSearchParameters search => search.BeamWidth,
        _ => 1,
    };

    private static BaseParameters ReadBase(V1.BaseParameters wire, FieldReader read)
    {
        var absent = new BaseParameters();
        return new BaseParameters
        {
            RewardWeight = read.NonNegative("reward_weight", wire.HasRewardWeight, wire.RewardWeight, absent.RewardWeight),
            SamplingTemperature = read.Positive("sampling_temperature", wire.HasSamplingTemperature, wire.SamplingTemperature, absent.SamplingTemperature),
        };
    }

    private BestOfNParameters ReadBestOfN(V1.BestOfNParameters wire, FieldReader read)
    {
        var absent = new BestOfNParameters();
        return new BestOfNParameters
        {
            RewardWeight = read.NonNegative("reward_weight", wire.HasRewardWeight, wire.RewardWeight, absent.RewardWeight),
            SamplingTemperature = read.Positive("sampling_temperature", wire.HasSamplingTemperature, wire.SamplingTemperature, absent.SamplingTemperature),
            SampleCount = read.Whole("sample_count", wire.HasSampleCount, wire.SampleCount, absent.SampleCount, 1, limits.MaxSamples),
        };
    }

    private ArgsParameters ReadArgs(V1.ArgsParameters wire, FieldReader read)
    {
        var absent = new ArgsParameters();
        return new ArgsParameters
        {
            RewardWeight = read.NonNegative("reward_weight", wire.HasRewardWeight, wire.RewardWeight, absent.RewardWeight),
            Candidates = read.Whole("candidates", wire.HasCandidates, wire.Candidates, absent.Candidates, 1, limits.MaxSamples),
            GuidanceWeight = read.NonNegative("guidance_weight", wire.HasGuidanceWeight, wire.GuidanceWeight, absent.GuidanceWeight),
            Greedy = wire.HasGreedy ? wire.Greedy : absent.Greedy,
            Temperature = read.Positive("temperature", wire.HasTemperature, wire.Temperature, absent.Temperature),
            PrefixScoring = read.Choice("prefix_scoring", wire.HasPrefixScoring, wire.PrefixScoring, absent.PrefixScoring),
            SampleDraft = wire.HasSampleDraft ? wire.SampleDraft : absent.SampleDraft,
        };
    }

    private ChunkBeamSearchParameters ReadChunkBeamSearch(V1.ChunkBeamSearchParameters wire, FieldReader read)
    {
        var absent = new ChunkBeamSearchParameters();
        PlainBeamPrefixScoring scoring = read.Choice("prefix_scoring", wire.HasPrefixScoring, wire.PrefixScoring, absent.PrefixScoring);
        int width = read.Whole("beam_width", wire.HasBeamWidth, wire.BeamWidth, Math.Min(absent.BeamWidth, limits.MaxSamples), 1, limits.MaxSamples);
        int most = limits.MaxSamples / width;
        int samples = read.Whole(
            "samples_per_beam", wire.HasSamplesPerBeam, wire.SamplesPerBeam, Math.Min(absent.SamplesPerBeam, most), 1, most,
            $" (beam_width times samples_per_beam is at most {limits.MaxSamples})");
        most = scoring == PlainBeamPrefixScoring.Rollout ? most / samples : limits.MaxSamples;
        return new ChunkBeamSearchParameters
        {
            RewardWeight = read.NonNegative("reward_weight", wire.HasRewardWeight, wire.RewardWeight, absent.RewardWeight),
            BeamWidth = width,
            SamplesPerBeam = samples,
            ChunkTokens = read.Whole("chunk_tokens", wire.HasChunkTokens, wire.ChunkTokens, absent.ChunkTokens, 1, int.MaxValue),
            SamplingTemperature = read.Positive("temperature", wire.HasTemperature, wire.Temperature, absent.SamplingTemperature),
            TopK = read.Whole("top_k", wire.HasTopK, wire.TopK, absent.TopK, 0, int.MaxValue),
            PrefixScoring = scoring,
            Rollouts = read.Whole(
                "rollouts", wire.HasRollouts, wire.Rollouts, Math.Min(absent.Rollouts, most), 1, most,
                $" (beam_width times samples_per_beam times rollouts is at most {limits.MaxSamples})"),
            RolloutRanking = read.Choice("rollout_ranking", wire.HasRolloutRanking, wire.RolloutRanking, absent.RolloutRanking),
            SampleDraft = wire.HasSampleDraft ? wire.SampleDraft : absent.SampleDraft,
        };
    }

    private Plain.SeaParameters ReadSea(AlignmentSpec spec, FieldReader read)
    {
        SeaParameters wire = spec.Sea;
        Preset usual = wire.HasSampler && wire.Sampler == SeaSampler.Langevin ? Preset.Langevin : Preset.Default;
        Plain.SeaParameters absent = read.Choice("preset", wire.HasPreset, wire.Preset, usual) switch
        {
            Preset.Paper => Plain.SeaParameters.Paper,
            Preset.Langevin => Plain.SeaParameters.Langevin,
            _ => Plain.SeaParameters.Default,
        };
        int chains = read.Whole("chains", wire.HasChains, wire.Chains, absent.Chains, 1, limits.MaxChains);
        int samples = absent.DraftSamples == 0 && spec.DraftResponse is not null ? chains - 1 : absent.DraftSamples;
        return absent with
        {
            RewardWeight = read.NonNegative("reward_weight", wire.HasRewardWeight, wire.RewardWeight, absent.RewardWeight),
            SamplingTemperature = read.Positive("sampling_temperature", wire.HasSamplingTemperature, wire.SamplingTemperature, absent.SamplingTemperature),
            Chains = chains,
            Iterations = read.Whole("iterations", wire.HasIterations, wire.Iterations, absent.Iterations, 1, limits.MaxIterations),
            StepSize = read.Positive("step_size", wire.HasStepSize, wire.StepSize, absent.StepSize),
            Step = read.Choice("step", wire.HasStep, wire.Step, absent.Step),
            Temperature = read.Positive("temperature", wire.HasTemperature, wire.Temperature, absent.Temperature),
            Noise = read.Choice("noise", wire.HasNoise, wire.Noise, absent.Noise),
            NoiseScale = read.NonNegative("noise_scale", wire.HasNoiseScale, wire.NoiseScale, absent.NoiseScale),
            NoiseTemperature = read.NonNegative("noise_temperature", wire.HasNoiseTemperature, wire.NoiseTemperature, absent.NoiseTemperature),
            EmbeddingNoise = read.NonNegative("embedding_noise", wire.HasEmbeddingNoise, wire.EmbeddingNoise, absent.EmbeddingNoise),
            Reference = read.Choice("reference", wire.HasReference, wire.Reference, absent.Reference),
            Initialization = read.Choice("initialization", wire.HasInitialization, wire.Initialization, absent.Initialization),
            Selection = read.Choice("selection", wire.HasSelection, wire.Selection, absent.Selection),
            KeepBest = wire.HasKeepBest ? wire.KeepBest : absent.KeepBest,
            Length = read.Choice("length", wire.HasLength, wire.Length, absent.Length),
            TopK = read.Whole("top_k", wire.HasTopK, wire.TopK, absent.TopK, 0, int.MaxValue),
            GuidedDecode = wire.HasGuidedDecode ? wire.GuidedDecode : absent.GuidedDecode,
            PlateauIterations = read.Whole("plateau_iterations", wire.HasPlateauIterations, wire.PlateauIterations, absent.PlateauIterations, 0, limits.MaxIterations),
            PlateauTolerance = read.NonNegative("plateau_tolerance", wire.HasPlateauTolerance, wire.PlateauTolerance, absent.PlateauTolerance),
            Sampler = read.Choice("sampler", wire.HasSampler, wire.Sampler, absent.Sampler),
            DraftSamples = read.Whole("draft_samples", wire.HasDraftSamples, wire.DraftSamples, samples, 0, limits.MaxSamples),
            Proposals = read.Whole("proposals", wire.HasProposals, wire.Proposals, absent.Proposals, 1, limits.MaxSamples),
            FlipTemperature = read.NonNegative("flip_temperature", wire.HasFlipTemperature, wire.FlipTemperature, absent.FlipTemperature),
            CombineFlips = wire.HasCombineFlips ? wire.CombineFlips : absent.CombineFlips,
            MinProbability = read.Probability("min_probability", wire.HasMinProbability, wire.MinProbability, absent.MinProbability),
        };
    }

    /// <summary>The contract's presets less 1.</summary>
    private enum Preset
    {
        Default,
        Paper,
        Langevin,
    }
}
