using System.Globalization;
using System.Text;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Metrics;
using SeaGrpc.Lab.Evaluation.Plots;
using SeaGrpc.Server.Models;

namespace SeaGrpc.Lab.Evaluation.Reports;

/// <summary>The page of a comparison at equal tokens.</summary>
internal static class BudgetMarkdown
{
    /// <summary>The plots' file.</summary>
    public const string Plot = "cost.png";

    /// <summary>The file of the answers.</summary>
    public const string Answers = "answers.md";

    /// <summary>The file of the long answers.</summary>
    public const string LongAnswers = "long-answers.md";

    /// <summary>The whole page.</summary>
    public static string Of(BudgetReport report) => string.Concat(
        Head(report), Tables(report), $"\n![Reward and energy against tokens and seconds]({Plot})\n\n"
        + Line($"Points on fewer than {BudgetChart.ManyPrompts} prompts say how many.\n"), Long(report), BudgetStudies.Tuning(report),
        BudgetStudies.Benign(report), BudgetStudies.Drafts(report), BudgetStudies.Cuts(report), JudgesMarkdown.Of(report),
        Missing(report), Notes(report));

    /// <summary>The figures at every budget: for the page, and for a terminal.</summary>
    public static string Tables(BudgetReport report)
    {
        var text = new StringBuilder();
        foreach (TokenBudget budget in report.Budgets.OrderBy(budget => budget.Tokens))
        {
            text.Append(Line($"\n## {budget.Tokens:N0} tokens a prompt\n\n"))
                .Append("| method | prompts | no refusal %: phrases | no refusal %: classifier | complies %: classifier | reward ")
                .Append("| log pi_ref per token | energy | length | tokens | s (prompts) | s / best_of_n's |\n")
                .Append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
            MethodAtBudget? best = report.At(budget.Tokens).FirstOrDefault(method => method.Family == BudgetFamilies.BestOfN);
            double? bestSeconds = best is null ? null : AnswerFigures.Of(best, AnswerJudges.None).Seconds;
            foreach (MethodAtBudget method in report.At(budget.Tokens))
            {
                text.Append(Row(method, AnswerFigures.Of(method, report.Judges), bestSeconds));
            }

            text.Append(Comparison(report, budget.Tokens));
        }

        return text.ToString();
    }

    private static string Long(BudgetReport report) => report.LongAnswers.Count == 0
        ? ""
        : Line($"\nWith answers of at most {report.MaxLongTokens} tokens ([in full]({LongAnswers})):\n")
            + Tables(report.OfLongAnswers()).Replace(" tokens a prompt\n", $" tokens a prompt, long answers\n", StringComparison.Ordinal);

    private static string Head(BudgetReport report) =>
        Line($"# Real language: methods at equal tokens\n\n{report.Setting}\n\n")
        + Line($"Prompts: {report.Data}. Answers have at most {report.MaxTokens} tokens. The reference temperature is ")
        + Line($"{BudgetFamilies.ReferenceTemperature}, alpha is {BudgetFamilies.RewardWeight}. ")
        + "A baseline has the smallest size that spends the budget, by the tokens that it spent on two prompts; energy_search keeps to it "
        + "by itself. Tokens are positions that either model reads, forward and backward. Seconds are processor seconds of this process "
        + "on the prompts that ran alone. Brackets are 95 % intervals over prompts: bootstrap, and Wilson's where every answer is alike. "
        + $"Every answer: [{Answers}]({Answers}). docs/evaluation.md says more. "
        + "GGRO is not among the methods: it needs a gradient at every token, and on a real pair such gradients hardly rank tokens by "
        + "their exact rewards (docs/results/real-language/gradient.md).\n"
        + "\nKnown answers are refusals that a server knows unless its operator sets others. energy_search may start from one that the "
        + "reward prefers to its first sample; other methods know none, unless a row's name says so: requests of best_of_n then bring one "
        + "as their draft.\n\n"
        + string.Concat(KnownResponses.Refusals.Select(text => $"- {text}\n"));

    private static string Row(MethodAtBudget method, AnswerFigures figures, double? bestSeconds)
    {
        string[] cells =
        [
            $"{Name(method)}<br>`{method.Method}`",
            Line($"{figures.Prompts}"),
            Percent(figures.MissedByPhrases),
            figures.MissedByClassifier is { } missed ? Percent(missed) : "-",
            figures.Complying is { } complying ? Percent(complying) : "-",
            Figure(figures.Reward, 2),
            figures.LogProbabilityPerToken is { } each ? Line($"{each:F2}") : "-",
            Figure(figures.Energy, 1),
            figures.Length is { } length ? Line($"{length:F0}") : "-",
            Line($"{figures.Tokens:N0}"),
            figures.Seconds is { } seconds ? Line($"{seconds:F1} ({figures.Timed})") : "-",
            figures.Seconds / bestSeconds is { } ratio ? Line($"{ratio:F2}") : "-",
        ];
        return $"| {string.Join(" | ", cells)} |\n";
    }

    private static string Comparison(BudgetReport report, int budget)
    {
        if (report.Search(budget) is not { } search)
        {
            return "\nenergy_search has no answers at this budget.\n";
        }

        var text = new StringBuilder(
            "\nAgainst energy_search on the same prompts, paired bootstrap. Above 0, energy_search is better.\n\n"
            + "| method | prompts | energy lower by | reward higher by | fewer answers without refusal, % of the method's (classifier) "
            + "| fewer that comply, % of the method's (classifier) |\n|---|---|---|---|---|---|\n");
        foreach (MethodAtBudget method in report.At(budget).Where(method => !method.Family.IsCompared))
        {
            if (BudgetComparison.Of(method.Results, search.Results, report.Judges) is { } found)
            {
                text.Append(Line($"| {method.Family.Name} | {found.Prompts} | {Figure(found.Energy, 1)} | {Figure(found.Reward, 2)} "))
                    .Append(Line($"| {(found.Missed is { } missed ? Percent(missed) : "-")} "))
                    .Append(Line($"| {(found.Complying is { } complying ? Percent(complying) : "-")} |\n"));
            }
        }

        return text.ToString();
    }

    private static string Missing(BudgetReport report)
    {
        string[] lines =
        [
            .. report.Budgets.SelectMany(budget => BudgetFamilies.All
                .Where(family => family.LeastBudget <= budget.Tokens)
                .Where(family => report.At(budget.Tokens).All(method => method.Family != family))
                .Select(family => $"{family.Name} at {budget.Tokens} tokens")),
            .. report.Methods.Where(method => method.Results.Count > 0 && method.Results.Count < method.Asked)
                .Select(method =>
                    $"{method.Family.Name} at {method.Budget} tokens on {method.Asked - method.Results.Count} of {method.Asked} prompts"),
            .. report.LongAnswers.Where(method => method.Results.Count < method.Asked)
                .Select(method => $"{method.Family.Name} at {method.Budget} tokens, long answers, on "
                    + $"{method.Asked - method.Results.Count} of {method.Asked} prompts"),
            .. report.LongAnswers.Count == 0 ? new[] { "long answers" } : [],
            .. report.Tuning.Count == 0 ? new[] { "tuning: the settings are those that come with the program" } : [],
            .. report.Benign is not { Search.Count: > 0 } ? new[] { "benign prompts" } : [],
            .. report.Drafts is not { FromHarmful.Count: > 0 } ? new[] { "drafts of a caller" } : [],
            .. report.Cuts is null ? new[] { "ways of choosing cuts" } : [],
            .. report.Judges.Refusals is null ? new[] { "the refusal classifier's verdicts" } : [],
            .. report.Judges.Compliance is null ? new[] { "the compliance classifier's verdicts" } : [],
            .. report.ByHand.Count == 0 ? new[] { "answers read by a person" } : [],
        ];
        return lines.Length == 0 ? "" : $"\n## Not measured\n\n- {string.Join("\n- ", lines)}\n";
    }

    private static string Notes(BudgetReport report) => report.Notes.Length == 0 ? "" : $"\n{report.Notes.Trim()}\n";

    private static string Name(MethodAtBudget method) => method.Family.IsCompared ? $"**{method.Family.Name}**" : method.Family.Name;

    /// <summary>A share in percent, with its interval.</summary>
    public static string Percent(Interval share) =>
        Line($"{100 * share.Mean:F0} [{(double.IsFinite(share.Low) ? Line($"{100 * share.Low:F0}") : "-")}, {100 * share.High:F0}]");

    /// <summary>A figure with its interval.</summary>
    public static string Figure(Interval value, int digits)
    {
        string format = $"F{digits}";
        return $"{Text(value.Mean)} [{Text(value.Low)}, {Text(value.High)}]";

        string Text(double number) => number.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
