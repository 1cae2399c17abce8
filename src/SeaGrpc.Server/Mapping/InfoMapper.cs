using System.Reflection;
using Google.Protobuf.WellKnownTypes;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Validation;
using SeaGrpc.Serving;
using SeaGrpc.V1;
using Plain = SeaGrpc.Alignment;

namespace SeaGrpc.Server.Mapping;

/// <summary>Writes what the server is in the contract's form.</summary>
internal static class InfoMapper
{
    /// <summary>Rises with every addition to the contract within v1.</summary>
    public const int ContractRevision = 4;

    /// <summary>Version of the server.</summary>
    public static string Version { get; } =
        typeof(InfoMapper).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The answer of GetServerInfo.</summary>
    public static GetServerInfoResponse Of(ServedModels models, LimitOptions limits, EngineOptions engine, long memoryBudget) => new()
    {
        ServerVersion = Version,
        ContractRevision = ContractRevision,
        Models = { Model(models.Policy, ModelRole.Policy), models.Rewards.Select(Model) },
        Device = models.Policy.Device,
        Dtype = models.Policy.Dtype,
        Limits = Limits(models, limits, engine, memoryBudget),
        Defaults = Defaults(),
        Methods =
        {
            AlignmentSpec.Descriptor.Oneofs.Single(oneof => oneof.Name == "method").Fields
                .Select(field => new V1.MethodInfo { Name = field.Name, Available = MethodValidator.Available.Contains(field.Name) }),
        },
    };

    /// <summary>The operator's limits, and the models' own where those are lower.</summary>
    public static ServerLimits Limits(ServedModels models, LimitOptions limits, EngineOptions engine, long memoryBudget)
    {
        int longest = Math.Min(models.Policy.MaxPositions, models.RewardPositions) - 1;
        return new ServerLimits
        {
            MaxPromptCharacters = limits.MaxPromptCharacters,
            MaxPromptTokens = Math.Min(limits.MaxPromptTokens, longest),
            MaxResponseTokens = Math.Min(limits.MaxResponseTokens, longest),
            DefaultResponseTokens = Math.Min(limits.DefaultResponseTokens, longest),
            MaxChains = limits.MaxChains,
            MaxIterations = limits.MaxIterations,
            MaxSamples = limits.MaxSamples,
            MaxScorePairs = limits.MaxScorePairs,
            MaxTimeLimit = Duration.FromTimeSpan(limits.MaxTimeLimit),
            MaxQueueTimeout = Duration.FromTimeSpan(limits.MaxQueueTimeout),
            QueueLength = engine.MaxQueuedJobs,
            Concurrency = engine.MaxConcurrentJobs,
            DefaultQueueTimeout = Duration.FromTimeSpan(engine.QueueTimeout),
            DeadlineMargin = Duration.FromTimeSpan(engine.DeadlineMargin),
            MemoryBudgetBytes = memoryBudget,
            MaxTurnTokens = engine.MaxTurnTokens,
        };
    }

    private static ModelInfo Model(ModelDescription model, ModelRole role) => new()
    {
        Role = role,
        Name = model.Name,
        Architecture = model.Architecture,
        Sha256 = model.Hash,
        ParameterCount = model.ParameterCount,
        VocabularySize = model.VocabularySize,
        MaxPositions = model.MaxPositions,
        Device = model.Device,
        Dtype = model.Dtype,
    };

    private static ModelInfo Model(ServedReward reward)
    {
        ModelInfo model = Model(reward.Model, ModelRole.Reward);
        model.Name = reward.Name;
        model.RewardShare = reward.Share;
        model.RewritesAnswers = reward.RewritesAnswers;
        return model;
    }

    private static MethodDefaults Defaults()
    {
        var defaults = new MethodDefaults
        {
            Sea = MethodMapper.Of(Plain.Sea.SeaParameters.Default),
            SeaLangevin = MethodMapper.Of(Plain.Sea.SeaParameters.Langevin),
            SeaPaper = MethodMapper.Of(Plain.Sea.SeaParameters.Paper),
            BestOfN = MethodMapper.Of(new Plain.BestOfN.BestOfNParameters()),
            Args = MethodMapper.Of(new Plain.Args.ArgsParameters()),
            ChunkBeamSearch = MethodMapper.Of(new Plain.ChunkBeamSearch.ChunkBeamSearchParameters()),
            Base = MethodMapper.Of(new Plain.BaseParameters()),
        };
        defaults.Sea.Preset = SeaPreset.Default;
        defaults.SeaLangevin.Preset = SeaPreset.Langevin;
        defaults.SeaPaper.Preset = SeaPreset.Paper;
        return defaults;
    }
}
