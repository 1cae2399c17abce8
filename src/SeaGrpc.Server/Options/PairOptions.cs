using System.ComponentModel.DataAnnotations;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Options;

/// <summary>
/// A further pair of a policy and its rewards, which requests name. Section <c>SeaGrpc:Models:Pairs:NAME</c>. The settings are those of
/// <see cref="ModelOptions"/>.
/// </summary>
public sealed record PairOptions
{
    /// <summary>When it is loaded; default <see cref="PairLoad.OnDemand"/>.</summary>
    [EnumDataType(typeof(PairLoad))]
    public PairLoad Load { get; init; } = PairLoad.OnDemand;

    /// <summary>Checkpoint folder of the policy. Required.</summary>
    public string? Policy { get; init; }

    /// <summary>Checkpoint folder of the reward model. Either this or <see cref="Rewards"/> must be set.</summary>
    public string? Reward { get; init; }

    /// <summary>Name of the policy in a spec's policy_model. The default is the last part of the folder's path.</summary>
    public string? PolicyName { get; init; }

    /// <summary>Name of the reward model in a spec's reward_model. Cannot be combined with <see cref="Rewards"/>.</summary>
    public string? RewardName { get; init; }

    /// <summary>Several rewards by name, instead of <see cref="Reward"/>. Default none.</summary>
    public IReadOnlyDictionary<string, RewardOptions> Rewards { get; init; } = new Dictionary<string, RewardOptions>();

    /// <summary>The engine that serves the policy, if it runs elsewhere. Default none.</summary>
    public PolicyEngineOptions? Engine { get; init; }

    /// <summary>Device of the policy. The default is the default pair's.</summary>
    public string? Device { get; init; }

    /// <summary>Number format of the policy; default <see cref="ModelDtype.Auto"/>.</summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype Dtype { get; init; } = ModelDtype.Auto;

    /// <summary>Device of the reward model. The default is the policy's device.</summary>
    public string? RewardDevice { get; init; }

    /// <summary>Number format of the reward model. The default is the policy's format.</summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype? RewardDtype { get; init; }

    /// <summary>Which labels of a classifier make the reward.</summary>
    [RewardLabel]
    public string? RewardLabel { get; init; }

    /// <summary>The reward model's raw score that counts as 0; any number, default 0.</summary>
    [Range(-1e9, 1e9)]
    public double RewardMean { get; init; }

    /// <summary>Raw score units that count as 1; above 0, default 1.</summary>
    [Range(1e-9, 1e9)]
    public double RewardDeviation { get; init; } = 1;

    /// <summary>Text file of responses, one a line, from which energy_search may start in every request; default none.</summary>
    public string? KnownResponses { get; init; }

    /// <summary>
    /// How much higher than a caller's draft's the answer's reward must be, for requests without a min_reward_gain; default 0.
    /// </summary>
    [Range(0, 1e6)]
    public double MinRewardGain { get; init; }

    /// <summary>The settings of a server that would serve this pair alone.</summary>
    /// <param name="server">The server's own, for what a pair does not set.</param>
    internal ModelOptions Alone(ModelOptions server) => server with
    {
        Policy = Policy ?? string.Empty,
        Reward = Reward ?? (Rewards.Count > 0 ? server.Reward : string.Empty),
        PolicyName = PolicyName,
        RewardName = RewardName,
        Rewards = Rewards,
        Engine = Engine,
        Device = Device ?? server.Device,
        Dtype = Dtype,
        RewardDevice = RewardDevice,
        RewardDtype = RewardDtype,
        RewardLabel = RewardLabel,
        RewardMean = RewardMean,
        RewardDeviation = RewardDeviation,
        KnownResponses = KnownResponses,
        MinRewardGain = MinRewardGain,
        Pairs = new Dictionary<string, PairOptions>(),
        IsOnDemand = Load == PairLoad.OnDemand,
    };

    /// <summary>What is wrong with it, by the setting below its name.</summary>
    /// <param name="server">The server's own settings.</param>
    internal IEnumerable<ValidationResult> Problems(ModelOptions server)
    {
        if (string.IsNullOrEmpty(Policy))
        {
            yield return new ValidationResult("It must name the checkpoint folder of the policy.", [nameof(Policy)]);
        }

        if (string.IsNullOrEmpty(Reward) && Rewards.Count == 0)
        {
            yield return new ValidationResult(
                $"It must name the checkpoint folder of the reward model, unless there are {nameof(Rewards)}.", [nameof(Reward)]);
        }

        ModelOptions alone = Alone(server);
        var found = new List<ValidationResult>();
        if (!Validator.TryValidateObject(alone, new ValidationContext(alone), found, validateAllProperties: true))
        {
            // The validator skips this if a single value is wrong.
            found.AddRange(alone.Validate(new ValidationContext(alone))
                .Where(result => found.TrueForAll(other => other.ErrorMessage != result.ErrorMessage)));
        }

        foreach (ValidationResult result in found.Where(result =>
            !result.MemberNames.Any(name => name is nameof(Policy) or nameof(Reward))))
        {
            yield return result;
        }
    }
}
