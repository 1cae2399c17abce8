using System.CommandLine;
using System.Globalization;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Training.Preferences;
using SeaGrpc.Lab.Training.Runs;
using SeaGrpc.Modeling;

namespace SeaGrpc.Lab.Commands;

/// <summary>The options of <c>train-reward</c>: ranges, units and defaults.</summary>
internal sealed class TrainRewardOptions
{
    private const int TwoOfFive = -1;

    private static readonly PreferenceOptions Defaults = new() { FrozenLayers = TwoOfFive };

    private readonly Option<string> _policy = new("--policy")
    {
        Description = "Folder of the policy whose body the reward model starts from.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string> _pairs = new("--pairs")
    {
        Description = "Pairs, one JSON object a line: prompt (a text or messages) or messages, chosen, rejected; kind and split if wanted.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<DirectoryInfo> _output = new("--out")
    {
        Description = "Folder to write. An unfinished training is kept in it.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<int?> _frozenLayers = Whole(
        "--frozen-layers", "Lower layers that stay as they are, equal to the policy's (two of five of the policy's layers).", 0);

    private readonly Option<bool> _trainEmbeddings = new("--train-embeddings")
    {
        Description = "Train the embeddings, too; needs --frozen-layers 0.",
    };

    private readonly Option<int?> _epochs = Whole("--epochs", $"Times that every pair is read ({Defaults.Epochs}).", 1);

    private readonly Option<double?> _learningRate = Number(
        "--learning-rate", $"Highest learning rate ({Defaults.LearningRate}). Lower it for larger models.", value => value is > 0 and <= 1,
        "above 0 and at most 1");

    private readonly Option<double?> _warmup = Number(
        "--warmup", $"Share of the steps over which the learning rate rises ({Defaults.Warmup}); then it falls along a cosine.",
        value => value is >= 0 and <= 1, "from 0 to 1");

    private readonly Option<int?> _batchTokens = Whole(
        "--batch-tokens", $"Tokens of a step, filling included ({Defaults.BatchTokens}). Memory grows with it.", 1);

    private readonly Option<int?> _maxTokens = Whole(
        "--max-tokens", $"Pairs with a longer text are left out ({Defaults.MaxTokens}).", 2);

    private readonly Option<double?> _margin = Number(
        "--margin", $"Nats by which the chosen reward should be higher ({Defaults.Margin}).", value => value is >= 0 and <= 100,
        "from 0 to 100");

    private readonly Option<double?> _centring = Number(
        "--centring", $"Weight of the squared sum of a pair's rewards, which centres them at 0 ({Defaults.Centring}).",
        value => value is >= 0 and <= 10, "from 0 to 10");

    private readonly Option<ModelDtype> _dtype = new("--dtype")
    {
        Description = "Number format of the matrix products; weights are updated in float32. auto takes the faster one for large models.",
        DefaultValueFactory = _ => Defaults.Dtype,
    };

    private readonly Option<double?> _heldOut = Number(
        "--held-out", "Share of the pairs to measure with, where the file names no split (0.1). A conversation is on one side only.",
        value => value is >= 0 and < 1, "from 0 to below 1");

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Seed of the order, the split and the scoring weight.",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.Seed,
    };

    private readonly Option<int?> _threads = Whole("--threads", "Threads of a tensor operation (all cores).", 1);

    private readonly Option<double?> _saveMinutes = Number(
        "--save-minutes", "Minutes between two savings of the unfinished training (5). An interrupt saves it, too.", value => value > 0,
        "above 0");

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All =>
    [
        _policy, _pairs, _output, _frozenLayers, _trainEmbeddings, _epochs, _learningRate, _warmup, _batchTokens, _maxTokens, _margin,
        _centring, _dtype, _heldOut, _seed, _threads, _saveMinutes,
    ];

    /// <summary>Number of threads; null for libtorch's own.</summary>
    public int? Threads(ParseResult parsed) => parsed.GetValue(_threads);

    /// <summary>The run that a command line asks for.</summary>
    public PreferenceRun Run(ParseResult parsed, TextWriter output, IProgress<WorkProgress> progress) => new(
        parsed.GetRequiredValue(_policy),
        parsed.GetRequiredValue(_pairs),
        Path.TrimEndingDirectorySeparator(parsed.GetRequiredValue(_output).FullName),
        Settings(parsed),
        TimeSpan.FromMinutes(parsed.GetValue(_saveMinutes) ?? 5),
        output,
        progress);

    private PreferenceOptions Settings(ParseResult parsed) => new()
    {
        FrozenLayers = parsed.GetValue(_frozenLayers) ?? TwoOfFive,
        TrainEmbeddings = parsed.GetValue(_trainEmbeddings),
        Epochs = parsed.GetValue(_epochs) ?? Defaults.Epochs,
        LearningRate = parsed.GetValue(_learningRate) ?? Defaults.LearningRate,
        Warmup = parsed.GetValue(_warmup) ?? Defaults.Warmup,
        BatchTokens = parsed.GetValue(_batchTokens) ?? Defaults.BatchTokens,
        MaxTokens = parsed.GetValue(_maxTokens) ?? Defaults.MaxTokens,
        Margin = parsed.GetValue(_margin) ?? Defaults.Margin,
        Centring = parsed.GetValue(_centring) ?? Defaults.Centring,
        Dtype = parsed.GetValue(_dtype),
        HeldOut = parsed.GetValue(_heldOut),
        Seed = parsed.GetValue(_seed),
    };

    private static Option<int?> Whole(string name, string description, int least)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < least)
            {
                result.AddError($"{name} must be at least {least}.");
            }
        });
        return option;
    }

    private static Option<double?> Number(string name, string description, Predicate<double> isAllowed, string range)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = "X" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } value && !isAllowed(value))
            {
                result.AddError($"{name} must be {range}, not {value.ToString(CultureInfo.InvariantCulture)}.");
            }
        });
        return option;
    }
}
