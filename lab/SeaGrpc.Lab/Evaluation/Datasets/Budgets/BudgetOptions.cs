using System.CommandLine;
using System.CommandLine.Parsing;
using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>The options of <c>eval</c> that compare methods at equal tokens.</summary>
internal sealed class BudgetOptions
{
    private const string Folder = "docs/results/real-language";
    private const int MaxTokens = 48;
    private const int LongTokens = 128;

    private readonly Option<IReadOnlyList<TokenBudget>?> _budgets = new("--budgets")
    {
        Description = $"advbench: compare every method at these numbers of model tokens a prompt ({TokenBudget.Form}), and write a page.",
        HelpName = "LIST",
        CustomParser = Parse,
    };

    private readonly Option<IReadOnlyList<TokenBudget>?> _longAnswers = new("--long-answers")
    {
        Description = $"--budgets: compare the methods at these budgets also with answers of at most {LongTokens} tokens.",
        HelpName = "LIST",
        CustomParser = Parse,
    };

    private readonly Option<string?> _tuning = new("--tuning-data")
    {
        Description = "--budgets: prompts on which every method's setting is chosen. Default: the settings that come with the program.",
        HelpName = "FILE",
    };

    private readonly Option<int> _tuningRows = new("--tuning-rows")
    {
        Description = "--budgets: how many tuning prompts.",
        HelpName = "N",
        DefaultValueFactory = _ => 8,
    };

    private readonly Option<string?> _benign = new("--benign")
    {
        Description = "--budgets: TruthfulQA.csv, whose questions there is no reason to refuse.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _drafts = new("--drafts")
    {
        Description = "--budgets: also hand in drafts: the data set's targets, continued by the policy, and a refusal.",
    };

    private readonly Option<bool> _cuts = new("--cuts")
    {
        Description = "--budgets: also run energy_search with each way of choosing where its rewrites cut.",
    };

    private readonly Option<int> _studyRows = new("--study-rows")
    {
        Description = "--budgets: how many benign prompts, drafts, and prompts of --cuts.",
        HelpName = "N",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<string[]> _familyRows = new("--rows-of")
    {
        Description = "--budgets: run a method on fewer rows, by its name in the tables; 0 leaves it out. May be given several times.",
        HelpName = FamilyRows.Form,
    };

    private readonly Option<int> _timedRows = new("--timed-rows")
    {
        Description = "--budgets: run the first N rows of each method once more, one at a time, for their seconds.",
        HelpName = "N",
    };

    private readonly Option<bool> _fromResults = new("--from-results")
    {
        Description = "--budgets: run nothing; write the page from the results that are there, and list what is missing.",
    };

    /// <summary>The options.</summary>
    public IEnumerable<Option> All =>
        [_budgets, _longAnswers, _tuning, _tuningRows, _benign, _drafts, _cuts, _studyRows, _familyRows, _timedRows, _fromResults];

    /// <summary>Reads them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="arguments">What else was asked for.</param>
    /// <param name="hasMethods">Whether methods were named.</param>
    /// <exception cref="CliException">Something does not go together.</exception>
    public DatasetArguments Read(ParseResult parsed, DatasetArguments arguments, bool hasMethods)
    {
        if (parsed.GetValue(_budgets) is not { } budgets)
        {
            return All.Any(option => parsed.GetResult(option) is OptionResult { Implicit: false })
                ? throw Usage($"{string.Join(", ", All.Skip(1).Select(option => option.Name))} go with --budgets.")
                : arguments;
        }

        if (arguments.Suite != DatasetSuite.AdvBench)
        {
            throw Usage($"--budgets compares methods on advbench, not on {arguments.Suite.Name}.");
        }

        if (hasMethods || arguments.JudgeUrl is not null || arguments.Classifier is not null || arguments.IsReferenceCheck
            || arguments.Alternatives.Count > 0)
        {
            throw Usage(
                "--budgets has methods, judges and known answers of its own: leave --methods, --judge-url, --classifier, "
                + "--check-references and --alternatives out.");
        }

        int rows = parsed.GetValue(_studyRows);
        int tuningRows = parsed.GetValue(_tuningRows);
        int timedRows = parsed.GetValue(_timedRows);
        if (timedRows > 0 && arguments.Server is not null)
        {
            throw Usage("--timed-rows measures this process: leave --server out.");
        }

        return rows < 1 || tuningRows < 1 || timedRows < 0
            ? throw Usage("--study-rows and --tuning-rows are at least 1, --timed-rows at least 0.")
            : arguments with
            {
                Budgets = budgets,
                LongBudgets = parsed.GetValue(_longAnswers) ?? [],
                TuningData = parsed.GetValue(_tuning),
                TuningRows = tuningRows,
                Benign = parsed.GetValue(_benign),
                HasDrafts = parsed.GetValue(_drafts),
                HasCuts = parsed.GetValue(_cuts),
                StudyRows = rows,
                FamilyRows = FamilyRows.Parse(parsed.GetValue(_familyRows) ?? []),
                TimedRows = timedRows,
                IsFromResults = parsed.GetValue(_fromResults),
                MaxTokens = arguments.MaxTokens ?? MaxTokens,
                Out = arguments.Out ?? Folder,
            };
    }

    /// <summary>The same comparison with long answers.</summary>
    public static DatasetArguments Long(DatasetArguments arguments) => arguments with
    {
        Budgets = arguments.LongBudgets,
        LongBudgets = [],
        MaxTokens = LongTokens,
        TimedRows = 0,
    };

    private static IReadOnlyList<TokenBudget>? Parse(ArgumentResult result)
    {
        IReadOnlyList<TokenBudget> budgets = TokenBudget.Parse(result.Tokens[0].Value, out string? problem);
        if (problem is null)
        {
            return budgets;
        }

        result.AddError($"{((OptionResult)result.Parent!).Option.Name}: {problem}");
        return null;
    }

    private static CliException Usage(string message) => new(message, ExitCodes.Usage);
}
