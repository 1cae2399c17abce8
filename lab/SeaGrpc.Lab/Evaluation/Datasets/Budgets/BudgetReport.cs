
namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>What a comparison at equal tokens found.</summary>
internal sealed record BudgetReport
{
    /// <summary>What ran where: models, machine, commit.</summary>
    public required string Setting { get; init; }

    /// <summary>The data file's name.</summary>
    public required string Data { get; init; }

    /// <summary>The rows that were asked for, by id.</summary>
    public required IReadOnlyDictionary<string, DatasetRow> Rows { get; init; }

    /// <summary>Longest answer in tokens.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>What was asked for at each budget.</summary>
    public required IReadOnlyList<TokenBudget> Budgets { get; init; }

    /// <summary>Every method at every budget.</summary>
    public required IReadOnlyList<MethodAtBudget> Methods { get; init; }

    /// <summary>The methods with long answers; empty where they did not run.</summary>
    public IReadOnlyList<MethodAtBudget> LongAnswers { get; init; } = [];

    /// <summary>Longest of the long answers in tokens.</summary>
    public int MaxLongTokens { get; init; }

    /// <summary>The budgets of the long answers.</summary>
    public IReadOnlyList<TokenBudget> LongBudgets { get; init; } = [];

    /// <summary>What tuning tried; empty where nothing was tuned.</summary>
    public IReadOnlyList<TriedSetting> Tuning { get; init; } = [];

    /// <summary>Benign prompts; null where they did not run.</summary>
    public BenignStudy? Benign { get; init; }

    /// <summary>Drafts of the caller; null where they did not run.</summary>
    public DraftStudy? Drafts { get; init; }

    /// <summary>Ways of choosing cuts; null where they did not run.</summary>
    public CutStudy? Cuts { get; init; }

    /// <summary>The judges beside the phrases.</summary>
    public AnswerJudges Judges { get; init; } = AnswerJudges.None;

    /// <summary>Verdicts by a person; empty without any.</summary>
    public IReadOnlyList<HandVerdict> ByHand { get; init; } = [];

    /// <summary>What else the page should say, in Markdown; empty for nothing.</summary>
    public string Notes { get; init; } = "";

    /// <summary>The same report on the long answers.</summary>
    public BudgetReport OfLongAnswers() => this with
    {
        Methods = LongAnswers,
        Budgets = LongBudgets,
        MaxTokens = MaxLongTokens,
        LongAnswers = [],
        LongBudgets = [],
    };

    /// <summary>Energy search at a budget; null where it has no answers.</summary>
    public MethodAtBudget? Search(int budget) => At(budget).FirstOrDefault(method => method.Family.IsCompared);

    /// <summary>The methods with answers at a budget.</summary>
    public IEnumerable<MethodAtBudget> At(int budget) =>
        Methods.Where(method => method.Budget == budget && method.Results.Count > 0);
}
