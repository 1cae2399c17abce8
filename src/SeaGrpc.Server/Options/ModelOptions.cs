using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The models that are served, and their devices. Section <c>SeaGrpc:Models</c>.</summary>
public sealed record ModelOptions : PairSettings, IValidatableObject
{
    /// <summary>The settings with their defaults.</summary>
    public ModelOptions()
    {
    }

    /// <summary>The settings of a server that serves one pair, with the defaults of what a pair does not have.</summary>
    internal ModelOptions(PairSettings pair)
        : base(pair)
    {
    }

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
    /// Device of the policy: <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, or <c>auto</c> (CUDA if available); default <c>auto</c>.
    /// </summary>
    [RegularExpression(DevicePattern, ErrorMessage = "{0} must be cpu, cuda, cuda:N or auto.")]
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Threads per tensor operation on the CPU; 0 to 1024, default 0. With 0 there is one thread per core, but only one for policies with
    /// fewer than 20 million weights, whose products are too small to share.
    /// </summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

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

    /// <summary>
    /// Whether these models are loaded at the server's start, where what runs elsewhere may take its time to appear. Later, calls and other
    /// pairs would wait with it.
    /// </summary>
    internal bool IsStart { get; init; }

    /// <summary>Name of the default pair in requests: the policy's.</summary>
    internal string DefaultPair => PolicyName ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Policy)));

    /// <summary>The folders and files that the models are made of.</summary>
    internal IEnumerable<string> Sources => new[] { Policy, KnownResponsesFile, Rewards.Count == 0 ? Reward : null }
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
