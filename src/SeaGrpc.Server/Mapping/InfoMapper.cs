using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Mapping;

/// <summary>Maps the server's description to the contract.</summary>
internal static class InfoMapper
{
    /// <summary>Rises with every addition to the contract within v1.</summary>
    public const int ContractRevision = 18;

    /// <summary>The server's version.</summary>
    public static string Version { get; } =
        typeof(InfoMapper).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The response of GetServerInfo.</summary>
    public static GetServerInfoResponse Of(ModelHost host, LimitOptions limits, EngineOptions engine)
    {
        GetServerInfoResponse info = Of(host.Served, limits, engine, host.MemoryBudgetBytes);
        info.Pairs.AddRange(host.Views().Select(Pair));
        return info;
    }

    private static GetServerInfoResponse Of(ServedModels models, LimitOptions limits, EngineOptions engine, long memoryBudget) => new()
    {
        ServerVersion = Version,
        ContractRevision = ContractRevision,
        Models = { Models(models) },
        Device = models.Policy.Device,
        Dtype = models.Policy.Dtype,
        Limits = Limits(models, limits, engine, memoryBudget),
        Defaults = Defaults(),
        DefaultMethod = ContractMethod.Default.Name,
        Methods =
        {
            ContractMethod.Fields.Select(field => ContractMethod.All.FirstOrDefault(method => method.Name == field.Name) is { } method
                ? ParameterInfoMapper.Of(method, limits)
                : new V1.MethodInfo { Name = field.Name }),
        },
    };

    /// <summary>The operator's limits, or the models' where those are lower.</summary>
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
            MaxBatchSpecs = limits.MaxBatchSpecs,
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

    private static PairInfo Pair(ModelPairView pair) => new()
    {
        Name = pair.Pair.Name,
        State = pair.State switch
        {
            ModelPairState.Loaded => PairState.Loaded,
            ModelPairState.Loading => PairState.Loading,
            ModelPairState.Failed => PairState.Failed,
            _ => PairState.NotLoaded,
        },
        Reason = pair.Problem ?? string.Empty,
        Models = { pair.Served is { } served ? Models(served) : [] },
        LoadsAtStart = pair.Pair.LoadsAtStart,
        WeightBytes = pair.WeightBytes,
    };

    private static IEnumerable<ModelInfo> Models(ServedModels models) => models.Rewards.Select(Model).Prepend(Policy(models));

    private static ModelInfo Policy(ServedModels models)
    {
        ModelInfo policy = Model(models.Policy, ModelRole.Policy);
        policy.Address = models.EngineAddress ?? string.Empty;
        return policy;
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
        model.RewardShare = reward.MixtureWeight;
        model.RewritesAnswers = reward.RewritesAnswers;
        model.LacksGradient = !reward.HasGradient;
        model.Address = reward.Address ?? string.Empty;
        model.MaxPositions = reward.Address is null ? model.MaxPositions : 0;
        model.ReadsText = reward.ReadsText;
        model.EstimatesGradient = reward.EstimatesGradient;
        model.Methods.Add(ContractMethod.All.SelectMany(method => method.Schema.Presets
            .Where(preset => reward.Refusal(preset.Parameters) is null)
            .Select(preset => DefaultsName(method, preset))));
        return model;
    }

    /// <summary>Every preset in the field named after it: sea for the default preset, sea_paper for the preset paper.</summary>
    private static MethodDefaults Defaults()
    {
        var defaults = new MethodDefaults();
        foreach (ContractMethod method in ContractMethod.All)
        {
            foreach (Preset preset in method.Schema.Presets)
            {
                IMessage message = MethodMapper.Of(preset.Parameters);
                if (method.Schema.HasPresets)
                {
                    method.SetPreset(message, preset);
                }

                MethodDefaults.Descriptor.FindFieldByName(DefaultsName(method, preset)).Accessor.SetValue(defaults, message);
            }
        }

        return defaults;
    }

    private static string DefaultsName(ContractMethod method, Preset preset) =>
        preset == method.Schema.Presets[0] ? method.Name : $"{method.Name}_{preset.Name}";
}
