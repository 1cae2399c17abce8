using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Server.Models;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>
/// The options of <c>eval</c> that are for data files alone. Methods, seed and results file are the command's own options, which every
/// suite has; they are read by name.
/// </summary>
internal sealed class DatasetOptions
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "The suite's data file, in its published form.",
        HelpName = "FILE",
    };
    private readonly Option<int?> _limit = new("--limit") { Description = "Data files: use only the first N rows.", HelpName = "N" };
    private readonly Option<int> _concurrency = new("--concurrency")
    {
        Description = "Data files: number of requests at once.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<int?> _maxTokens = new("--max-tokens")
    {
        Description = "Data files: longest answer in tokens.",
        HelpName = "N",
    };
    private readonly Option<bool> _plainText = new("--plain-text")
    {
        Description = "Data files: send prompts as text, for a policy without a chat template.",
    };
    private readonly Option<ServerAddress?> _server = ServerOptions.Address("Data files");
    private readonly Option<string?> _token = ServerOptions.Token("Data files");
    private readonly Option<string?> _policy = new("--policy")
    {
        Description = "Data files: checkpoint folder of the policy. Default: the embedded one.",
        HelpName = "DIR",
    };
    private readonly Option<string?> _reward = new("--reward")
    {
        Description = "Data files: checkpoint folder of the reward model. Default: the embedded one. gsm8k, math: exact, for a reward that "
            + "is 1 where the answer is the row's and 0 elsewhere (an oracle: it shows what a search finds, not what a policy knows).",
        HelpName = "DIR|exact",
    };
    private readonly Option<Uri?> _judgeUrl = new("--judge-url")
    {
        Description = "A judge model's OpenAI-compatible API: http://127.0.0.1:8000/v1.",
        HelpName = "URL",
        CustomParser = ParseUrl,
    };

    private readonly Option<string?> _judgeModel = new("--judge-model")
    {
        Description = "The judge model's name there.",
        HelpName = "NAME",
    };
    private readonly Option<string> _judgeKey = new("--judge-key-variable")
    {
        Description = "Environment variable that holds the judge's key.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "OPENAI_API_KEY",
    };

    private readonly Option<string?> _classifier = new("--classifier")
    {
        Description = "Checkpoint folder of a classifier with one label, as the judge.",
        HelpName = "DIR",
    };
    private readonly Option<double> _threshold = new("--classifier-threshold")
    {
        Description = "The classifier's logit above which an answer counts.",
        HelpName = "LOGIT",
    };
    private readonly Option<bool> _check = new("--check-references")
    {
        Description =
            "gsm8k, math: run no method; judge the file's own solutions (each must be right) and altered ones (each must be wrong).",
    };

    private readonly Option<string?> _judgePairs = new("--judge-pairs")
    {
        Description =
            "advbench: preference pairs to train a refusal classifier as the judge; with --budgets, in addition to the phrases.",
        HelpName = "FILE",
    };

    private readonly Option<int?> _paperGrid = new("--paper-grid")
    {
        Description = "advbench: run SEA's preset paper over step sizes, reward weights, noise and starts, each with N iterations, "
            + "and write the table to the folder --out.",
        HelpName = "N",
    };

    private readonly Option<FileInfo?> _alternatives = new("--alternatives")
    {
        Description = "Data files: a file of responses, one a line, that energy_search may start from in every request.",
        HelpName = "FILE",
    };

    private readonly BudgetOptions _budgets = new();

    /// <summary>The suites' names, for help texts and messages.</summary>
    public static string SuiteNames { get; } = string.Join(", ", DatasetSuite.All.Select(suite => suite.Name));

    public IEnumerable<Option> Options =>
        [_data, _limit, _concurrency, _maxTokens, _plainText, _server, _token, _policy, _reward, _judgeUrl, _judgeModel, _judgeKey,
            _classifier, _threshold, _check, _judgePairs, _paperGrid, _alternatives, .. _budgets.All];

    /// <summary>Reads them.</summary>
    /// <param name="suite">The suite that was named.</param>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">Something is missing or does not go together.</exception>
    public DatasetArguments Read(DatasetSuite suite, ParseResult parsed)
    {
        var defaults = new DatasetArguments
        {
            Suite = suite,
            Data = parsed.GetValue(_data) ?? throw Usage($"Suite {suite.Name} needs its data file: --data FILE."),
        };
        string? reward = parsed.GetValue(_reward);
        DatasetArguments arguments = defaults with
        {
            Methods = Given(parsed, "--methods") is { Length: > 0 } names ? names
                : reward == DatasetArguments.ExactReward ? ["base", "best-of-64", "energy-search"]
                : defaults.Methods,
            Seed = Given(parsed, "--seed") is [var seed] ? ulong.Parse(seed, CultureInfo.InvariantCulture) : defaults.Seed,
            Alternatives = parsed.GetValue(_alternatives) is { } responses ? Responses(responses.FullName) : [],
            Out = Given(parsed, "--out") is [var path] ? path : null,
            Limit = parsed.GetValue(_limit),
            Concurrency = parsed.GetValue(_concurrency),
            MaxTokens = parsed.GetValue(_maxTokens),
            IsPlainText = parsed.GetValue(_plainText),
            Server = parsed.GetValue(_server),
            Token = parsed.GetValue(_token),
            Policy = parsed.GetValue(_policy),
            Reward = reward,
            JudgeUrl = parsed.GetValue(_judgeUrl),
            JudgeModel = parsed.GetValue(_judgeModel),
            JudgeKeyVariable = parsed.GetRequiredValue(_judgeKey),
            Classifier = parsed.GetValue(_classifier),
            ClassifierThreshold = parsed.GetValue(_threshold),
            IsReferenceCheck = parsed.GetValue(_check),
            JudgePairs = parsed.GetValue(_judgePairs),
            PaperGridIterations = parsed.GetValue(_paperGrid),
        };
        arguments = _budgets.Read(parsed, arguments, hasMethods: Given(parsed, "--methods").Length > 0);
        Check(arguments);
        return arguments.PaperGridIterations is null ? arguments : OfPaperGrid(arguments, Given(parsed, "--methods").Length > 0);
    }

    private static void Check(DatasetArguments arguments)
    {
        if (arguments.Limit < 1 || arguments.Concurrency < 1 || arguments.MaxTokens < 1)
        {
            throw Usage("--limit, --concurrency and --max-tokens are at least 1.");
        }

        if (arguments.Server is not null && (arguments.Policy ?? arguments.Reward) is not null)
        {
            throw Usage("--server has its own models: omit --policy and --reward.");
        }

        if (arguments.HasExactReward && ExactAnswerJudge.Of(arguments.Suite) is null)
        {
            throw Usage($"Suite {arguments.Suite.Name} has no exact answers, so they cannot be the reward: give --reward DIR.");
        }

        if (arguments.Methods.Distinct().Count() < arguments.Methods.Count)
        {
            throw Usage("A method is named twice in --methods.");
        }
    }

    private static DatasetArguments OfPaperGrid(DatasetArguments arguments, bool hasMethods)
    {
        const int MaxTokens = 48;
        return arguments.Suite != DatasetSuite.AdvBench || hasMethods || arguments.Budgets.Count > 0
            ? throw Usage("--paper-grid runs settings of its own on advbench: leave --methods and --budgets out.")
            : arguments.PaperGridIterations < 1
            ? throw Usage("--paper-grid has at least 1 iteration.")
            : arguments with { MaxTokens = arguments.MaxTokens ?? MaxTokens, Out = arguments.Out ?? "." };
    }

    /// <summary>What was written after an option, whatever its type and whoever owns it.</summary>
    private static string[] Given(ParseResult parsed, string name) =>
        parsed.GetResult(name) is OptionResult { Implicit: false } result ? [.. result.Tokens.Select(token => token.Value)] : [];

    private static Uri? ParseUrl(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        result.AddError($"--judge-url '{text}' is not an address: write http://127.0.0.1:8000/v1.");
        return null;
    }

    private static IReadOnlyList<string> Responses(string path)
    {
        try
        {
            return [.. ResponseFile.Read(path).Select(response => response.Text)];
        }
        catch (CheckpointException error)
        {
            throw new CliException(error.Message, ExitCodes.Usage, error);
        }
    }

    private static CliException Usage(string message) => new(message, ExitCodes.Usage);
}
