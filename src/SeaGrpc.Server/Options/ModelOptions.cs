using System.ComponentModel.DataAnnotations;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Options;

/// <summary>The models that are served, and their devices. Section <c>SeaGrpc:Models</c>.</summary>
public sealed record ModelOptions : IValidatableObject
{
    private const string NamePattern = "[A-Za-z0-9._/-]{1,128}";
    private const string NameMessage = "{0} must have 1 to 128 letters, digits, '.', '_', '-' or '/'.";

    internal const string DevicePattern = "cpu|auto|cuda(:[0-9]{1,3})?";

    /// <summary>Checkpoint folder of the policy. The default is the embedded <c>models/tiny-policy</c> next to the program.</summary>
    [Required]
    public string Policy { get; init; } = Path.Combine(AppContext.BaseDirectory, "models", "tiny-policy");

    /// <summary>
    /// Checkpoint folder of the reward model, if there is only one. The default is the embedded <c>models/tiny-reward</c> next to the
    /// program.
    /// </summary>
    [Required]
    public string Reward { get; init; } = Path.Combine(AppContext.BaseDirectory, "models", "tiny-reward");

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
    /// Several rewards by name, instead of <see cref="Reward"/>. Names consist of letters, digits, '.', '_' and '-'. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, RewardOptions> Rewards { get; init; } = new Dictionary<string, RewardOptions>();

    /// <summary>
    /// The engine that serves the policy, if it runs elsewhere. Of <see cref="Policy"/> then only the configuration, the tokenizer and the
    /// chat template are read. Default none.
    /// </summary>
    public PolicyEngineOptions? Engine { get; init; }

    /// <summary>
    /// Device of the policy: <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, or <c>auto</c> (CUDA if available); default <c>auto</c>.
    /// </summary>
    [RegularExpression(DevicePattern, ErrorMessage = "{0} must be cpu, cuda, cuda:N or auto.")]
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Number format of the policy: <c>Auto</c>, <c>Float32</c> or <c>BFloat16</c>; default <c>Auto</c>. On the CPU, <c>Auto</c> is
    /// float32, or bfloat16 for models with at least 20 million weights that are stored in 16 bits, if bfloat16 is measured to multiply
    /// clearly faster. On CUDA, <c>Auto</c> is the checkpoint's format.
    /// </summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype Dtype { get; init; } = ModelDtype.Auto;

    /// <summary>Device of the reward model, with the values of <see cref="Device"/>. The default is the policy's device.</summary>
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
    /// Threads per tensor operation on the CPU; 0 to 1024, default 0. With 0 there is one thread per core, but only one for policies with
    /// fewer than 20 million weights, whose products are too small to share.
    /// </summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>
    /// Text file of responses, one a line, from which energy_search may start in every request, beside the request's own
    /// alternative_responses; default none.
    /// </summary>
    public string? KnownResponses { get; init; }

    /// <summary>
    /// How much higher than a caller's draft's the answer's reward must be, or else the draft comes back unchanged; for requests without
    /// a min_reward_gain; default 0.
    /// </summary>
    [Range(0, 1e6)]
    public double MinRewardGain { get; init; }

    /// <summary>
    /// Further pairs of a policy and its rewards by name, which a request's model names. Names consist of letters, digits, '.', '_' and
    /// '-'. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, PairOptions> Pairs { get; init; } = new Dictionary<string, PairOptions>();

    /// <summary>
    /// Maximum memory that the weights of all loaded pairs may take together, in MiB; 1 to 16777216. The default, 0, is half of the memory
    /// of the container or device. The pairs that are loaded at the start count too, but the first is loaded in any case.
    /// </summary>
    [Range(0, 1 << 24)]
    public int MemoryMiB { get; init; }

    /// <summary>
    /// How often the models' folders are looked at for changes, which are loaded while calls are served; 0 (never) to 1 hour, default 10
    /// seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether these are the settings of a pair that is loaded on demand.</summary>
    internal bool IsOnDemand { get; init; }

    /// <summary>Name of the default pair in requests: the policy's.</summary>
    internal string DefaultPair => PolicyName ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Policy)));

    /// <summary>The folders and files that the models are made of.</summary>
    internal IEnumerable<string> Sources => new[] { Policy, KnownResponses, Rewards.Count == 0 ? Reward : null }
        .Concat(Rewards.Values.SelectMany(reward => new[] { reward.Folder, reward.Basis, reward.Template }))
        .OfType<string>();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RewardName is not null && Rewards.Count > 0)
        {
            yield return new ValidationResult(
                $"{nameof(RewardName)} is for a single reward model, but there are several, with names of their own: omit it.",
                [nameof(RewardName)]);
        }

        if (Engine is not null)
        {
            var found = new List<ValidationResult>();
            Validator.TryValidateObject(Engine, new ValidationContext(Engine), found, validateAllProperties: true);
            foreach (ValidationResult result in found)
            {
                yield return new ValidationResult(result.ErrorMessage, [$"{nameof(Engine)}:{result.MemberNames.FirstOrDefault()}"]);
            }
        }

        foreach ((string name, PairOptions pair) in Pairs)
        {
            string place = $"{nameof(Pairs)}:{name}";
            if (!IsName(name))
            {
                yield return new ValidationResult($"The name {name} must have 1 to 64 letters, digits, '.', '_' or '-'.", [place]);
            }

            if (Policy.Length > 0 && name == DefaultPair)
            {
                yield return new ValidationResult(
                    $"The name {name} is that of the default pair, which is its policy's: choose another, or set {nameof(PolicyName)}.",
                    [place]);
            }

            foreach (ValidationResult result in pair.Problems(this))
            {
                yield return new ValidationResult(result.ErrorMessage, [$"{place}:{result.MemberNames.FirstOrDefault()}"]);
            }
        }

        foreach ((string name, RewardOptions reward) in Rewards)
        {
            string place = $"{nameof(Rewards)}:{name}";
            if (!IsName(name))
            {
                yield return new ValidationResult($"The name {name} must have 1 to 64 letters, digits, '.', '_' or '-'.", [place]);
            }

            if (reward is { Basis: not null, Label: not null })
            {
                yield return new ValidationResult(
                    $"{nameof(RewardOptions.Label)} is for a classifier, but with {nameof(RewardOptions.Basis)} the reward is a language "
                        + "model's: omit one of them.",
                    [$"{place}:{nameof(RewardOptions.Label)}"]);
            }

            var found = new List<ValidationResult>();
            Validator.TryValidateObject(reward, new ValidationContext(reward), found, validateAllProperties: true);
            foreach (ValidationResult result in found)
            {
                yield return new ValidationResult(result.ErrorMessage, [$"{place}:{result.MemberNames.FirstOrDefault()}"]);
            }
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');
}
