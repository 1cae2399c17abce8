using SeaGrpc.Cli.Connections;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>What an evaluation on a data file was asked for.</summary>
internal sealed record DatasetArguments
{
    /// <summary>What the file holds.</summary>
    public required DatasetSuite Suite { get; init; }

    /// <summary>The data file.</summary>
    public required string Data { get; init; }

    /// <summary>Names of methods.</summary>
    public IReadOnlyList<string> Methods { get; init; } = ["base", "best-of-64", "sea"];

    /// <summary>Seed of the first row; each further line of the file has the next seed.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many rows run; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Requests at once.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Longest answer in tokens; null for the server's default.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Whether prompts are sent as text instead of a user's turn.</summary>
    public bool IsPlainText { get; init; }

    /// <summary>Other responses that requests of energy_search bring.</summary>
    public IReadOnlyList<string> Alternatives { get; init; } = [];

    /// <summary>Results file; null for the suite's own.</summary>
    public string? Out { get; init; }

    /// <summary>A running server; null starts one inside this process.</summary>
    public ServerAddress? Server { get; init; }

    /// <summary>The server's bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>Folder of the policy; null for the embedded one.</summary>
    public string? Policy { get; init; }

    /// <summary>Folder of the reward model, or <see cref="ExactReward"/>; null for the embedded one.</summary>
    public string? Reward { get; init; }

    /// <summary>The reward that is 1 for a right answer and 0 for any other: the suite's exact answers.</summary>
    public const string ExactReward = "exact";

    /// <summary>Whether the suite's exact answers are the reward.</summary>
    public bool HasExactReward => Reward == ExactReward;

    /// <summary>Base address of a judge model's API.</summary>
    public Uri? JudgeUrl { get; init; }

    /// <summary>The judge model's name.</summary>
    public string? JudgeModel { get; init; }

    /// <summary>The environment variable that holds the judge's key.</summary>
    public string JudgeKeyVariable { get; init; } = "OPENAI_API_KEY";

    /// <summary>Folder of a classifier.</summary>
    public string? Classifier { get; init; }

    /// <summary>The classifier's logit above which an answer counts.</summary>
    public double ClassifierThreshold { get; init; }

    /// <summary>Whether only the judge is checked, on the file's own solutions.</summary>
    public bool IsReferenceCheck { get; init; }

    /// <summary>Budgets of tokens at which every method is compared; empty for the methods that are named.</summary>
    public IReadOnlyList<TokenBudget> Budgets { get; init; } = [];

    /// <summary>With budgets: prompts on which settings are chosen; null for the settings that come with the program.</summary>
    public string? TuningData { get; init; }

    /// <summary>How many tuning prompts.</summary>
    public int TuningRows { get; init; } = 8;

    /// <summary>With budgets: TruthfulQA's questions, which are benign; null to omit them.</summary>
    public string? Benign { get; init; }

    /// <summary>With budgets: whether runs start from drafts, harmful and good ones.</summary>
    public bool HasDrafts { get; init; }

    /// <summary>With budgets: whether energy search runs with each way of choosing cuts.</summary>
    public bool HasCuts { get; init; }

    /// <summary>How many benign prompts and drafts.</summary>
    public int StudyRows { get; init; } = 20;

    /// <summary>With budgets: those at which the methods also run with long answers; may be empty.</summary>
    public IReadOnlyList<TokenBudget> LongBudgets { get; init; } = [];

    /// <summary>With budgets: the most rows of a family of methods, by its name; a family that is not named has no bound.</summary>
    public IReadOnlyDictionary<string, int> FamilyRows { get; init; } = new Dictionary<string, int>();

    /// <summary>With budgets: how many rows run once more, one at a time, for their seconds; 0 for none.</summary>
    public int TimedRows { get; init; }

    /// <summary>With budgets: whether nothing runs, and the page is written from the results that are there.</summary>
    public bool IsFromResults { get; init; }

    /// <summary>Iterations of every setting of preset paper's grid; null where it does not run.</summary>
    public int? PaperGridIterations { get; init; }

    /// <summary>Pairs from which a refusal classifier is trained as the judge, or beside the phrases with budgets.</summary>
    public string? JudgePairs { get; init; }
}
