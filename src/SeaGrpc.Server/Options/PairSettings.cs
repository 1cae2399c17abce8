using System.ComponentModel.DataAnnotations;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Options;

/// <summary>What the default pair of a policy and its rewards and the further ones are set by alike.</summary>
public abstract record PairSettings
{
    private const string NamePattern = "[A-Za-z0-9._/-]{1,128}";
    private const string NameMessage = "{0} must have 1 to 128 letters, digits, '.', '_', '-' or '/'.";

    internal const string DevicePattern = "cpu|auto|cuda(:[0-9]{1,3})?";

    /// <summary>
    /// Name of the policy in requests (policy_model of a spec); 1 to 128 letters, digits, '.', '_', '-' or '/'. The default is the last
    /// part of the folder's path.
    /// </summary>
    [RegularExpression(NamePattern, ErrorMessage = NameMessage)]
    [StringLength(128, MinimumLength = 1, ErrorMessage = NameMessage)]
    public string? PolicyName { get; init; }

    /// <summary>
    /// Name of the reward model in requests (reward_model of a spec), in the same form as <see cref="PolicyName"/>. Cannot be combined with
    /// <see cref="Rewards"/>, which have names of their own.
    /// </summary>
    [RegularExpression(NamePattern, ErrorMessage = NameMessage)]
    [StringLength(128, MinimumLength = 1, ErrorMessage = NameMessage)]
    public string? RewardName { get; init; }

    /// <summary>
    /// Several rewards by name, instead of one reward model. Names consist of letters, digits, '.', '_' and '-'. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, RewardOptions> Rewards { get; init; } = new Dictionary<string, RewardOptions>();

    /// <summary>
    /// The engine that serves the policy, if it runs elsewhere. Of the policy's folder then only the configuration, the tokenizer and the
    /// chat template are read. Default none.
    /// </summary>
    public PolicyEngineOptions? Engine { get; init; }

    /// <summary>
    /// Number format of the policy: <c>Auto</c>, <c>Float32</c> or <c>BFloat16</c>; default <c>Auto</c>. On the CPU, <c>Auto</c> is
    /// float32, or bfloat16 for models with at least 20 million weights that are stored in 16 bits, if bfloat16 is measured to multiply
    /// clearly faster. On CUDA, <c>Auto</c> is the checkpoint's format.
    /// </summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype Dtype { get; init; } = ModelDtype.Auto;

    /// <summary>Device of the reward model, with the values of the policy's. The default is the policy's device.</summary>
    [RegularExpression(DevicePattern, ErrorMessage = "{0} must be cpu, cuda, cuda:N or auto.")]
    public string? RewardDevice { get; init; }

    /// <summary>Number format of the reward model, with the values of <see cref="Dtype"/>. The default is the policy's format.</summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype? RewardDtype { get; init; }

    /// <summary>
    /// Which labels of a classifier make the reward: <c>LABEL</c> (its logit), <c>LABEL - LABEL</c> or <c>log_probability(LABEL)</c>, by
    /// their names in its config.json; default its only label.
    /// </summary>
    [RewardLabel]
    public string? RewardLabel { get; init; }

    /// <summary>The reward model's raw score that counts as 0; any number, default 0.</summary>
    [Range(-1e9, 1e9)]
    public double RewardMean { get; init; }

    /// <summary>Raw score units that count as 1, for example the score's standard deviation; above 0, default 1.</summary>
    [Range(1e-9, 1e9)]
    public double RewardDeviation { get; init; } = 1;

    /// <summary>
    /// Text file of responses, one a line, from which energy_search may start in every request, beside the request's own
    /// alternative_responses; <c>none</c> for none. The default is three short refusals in English, for a policy that has a chat template
    /// and knows their words, with a reward that tells what gain counts.
    /// </summary>
    public string? KnownResponses { get; init; }

    /// <summary>The value of <see cref="KnownResponses"/> for none.</summary>
    internal const string NoKnownResponses = "none";

    /// <summary>The file of known responses; null where there is none.</summary>
    internal string? KnownResponsesFile => KnownResponses == NoKnownResponses ? null : KnownResponses;

    /// <summary>
    /// How much higher than a caller's draft's the answer's reward must be, or else the draft comes back unchanged; for requests without
    /// a min_reward_gain. The default follows from the rewards: 6.9 for a reward model with one label, or 4.6 where it prefers a known
    /// response to the draft, unless its config.json says otherwise, and 0 where the scale of a reward is not known.
    /// </summary>
    [Range(0, 1e6)]
    public double? MinRewardGain { get; init; }
}
