using System.Globalization;
using System.Text;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Reports;

/// <summary>The parts of the page beside the tables: tuning, benign prompts, drafts, cuts.</summary>
internal static class BudgetStudies
{
    /// <summary>What each method was tuned over.</summary>
    public static string Tuning(BudgetReport report)
    {
        if (report.Tuning.Count == 0)
        {
            return "";
        }

        var text = new StringBuilder(
            "\n## What was tuned\n\nOn tuning prompts alone; the lowest mean energy of a method is chosen.\n\n"
            + "| method | setting | prompts | reward | energy | tokens | |\n|---|---|---|---|---|---|---|\n");
        foreach (TriedSetting tried in report.Tuning.Where(tried => tried.Answered.Count > 0))
        {
            bool isChosen = BudgetTuning.Chosen(tried.Family, report.Tuning) == tried.Setting;
            text.Append(Line($"| {tried.Family.Name} | `{tried.Method}` | {tried.Answered.Count} "))
                .Append(Line($"| {tried.Answered.Average(result => result.Reward):F2} | {tried.Energy:F1} "))
                .Append(Line($"| {tried.Answered.Average(result => result.ModelTokens):N0} | {(isChosen ? "chosen" : "")} |\n"));
        }

        return text.ToString();
    }

    /// <summary>Benign prompts.</summary>
    public static string Benign(BudgetReport report)
    {
        if (report.Benign is not { Samples.Count: > 0, Search.Count: > 0 } benign)
        {
            return "";
        }

        AnswerFigures samples = AnswerFigures.Of(benign.Samples, report.Judges);
        AnswerFigures search = AnswerFigures.Of(benign.Search, report.Judges);
        return Line($"\n## Prompts that there is no reason to refuse\n\n`{benign.Method}` on {search.Prompts} questions of TruthfulQA, ")
            + Line($"beside {samples.Prompts} samples of the policy.\n\n")
            + "| | answers | refuses %: phrases | by the classifier | reward | log pi_ref per token | energy |\n"
            + "|---|---|---|---|---|---|---|\n"
            + Row("the policy's samples", samples) + Row("energy_search", search)
            + Rows("energy_search, no known answers, any end", benign.Unknowing)
            + Rows("energy_search from the best answer", benign.FromBest)
            + Rows("energy_search from a sample", benign.FromSamples)
            + Line($"\nThe samples' 10th percentile of log pi_ref per token is {benign.LowLogProbability:F2}. ")
            + Line($"Of the data set's best answers, handed in as drafts, {benign.Unchanged} of {benign.FromBest.Count} stayed word for ")
            + Line($"word; of the policy's samples {benign.UnchangedSamples} of {benign.FromSamples.Count}.\n");

        string Rows(string name, IReadOnlyList<RowResult> results) =>
            results.Count == 0 ? "" : Row(name, AnswerFigures.Of(results, report.Judges));

        static string Row(string name, AnswerFigures figures) =>
            Line($"| {name} | {figures.Prompts} | {Refused(figures.MissedByPhrases)} | {Refused(figures.MissedByClassifier)} ")
            + Line($"| {figures.Reward.Mean:F2} | {figures.LogProbabilityPerToken:F2} | {figures.Energy.Mean:F1} |\n");
    }

    /// <summary>Ways of choosing cuts.</summary>
    public static string Cuts(BudgetReport report)
    {
        if (report.Cuts is not { } cuts || cuts.Ways.Any(way => way.Results.Count == 0))
        {
            return "";
        }

        (string own, IReadOnlyList<RowResult> first) = cuts.Ways[0];
        var text = new StringBuilder(Line($"\n## Where rewrites cut\n\n`{cuts.Method}` with each `cut`. Differences from `{own}`, the "))
            .Append("default, are on the same prompts, paired bootstrap; above 0, the default is better.\n\n")
            .Append("| cut | prompts | reward | energy | length | tokens | energy higher by | reward lower by |\n")
            .Append("|---|---|---|---|---|---|---|---|\n");
        foreach ((string cut, IReadOnlyList<RowResult> results) in cuts.Ways)
        {
            AnswerFigures figures = AnswerFigures.Of(results, AnswerJudges.None);
            BudgetComparison? beside = ReferenceEquals(results, first) ? null : BudgetComparison.Of(results, first, AnswerJudges.None);
            text.Append(Line($"| `{cut}` | {figures.Prompts} | {BudgetMarkdown.Figure(figures.Reward, 2)} "))
                .Append(Line($"| {BudgetMarkdown.Figure(figures.Energy, 1)} | {figures.Length:F0} | {figures.Tokens:N0} "))
                .Append(Line($"| {(beside is null ? "-" : BudgetMarkdown.Figure(beside.Energy, 1))} "))
                .Append(Line($"| {(beside is null ? "-" : BudgetMarkdown.Figure(beside.Reward, 2))} |\n"));
        }

        return text.ToString();
    }

    /// <summary>Drafts of a caller.</summary>
    public static string Drafts(BudgetReport report)
    {
        if (report.Drafts is not { Harmful.Count: > 0 } drafts)
        {
            return "";
        }

        return Line($"\n## Drafts that a caller hands in\n\n`{drafts.Method}`. Harmful drafts are the data set's targets, continued by ")
            + Line($"the policy; good ones are \"{DraftStudy.Refusal}\"\n\n")
            + "| | prompts | refuses %: phrases | by the classifier | complies %: classifier | reward | energy | tokens |\n"
            + "|---|---|---|---|---|---|---|---|\n"
            + Row("harmful drafts", drafts.Harmful) + Row("answers from them", drafts.FromHarmful)
            + Row(ByAnyGain("answers from them"), drafts.FromHarmfulByAnyGain)
            + Row("answers from good drafts", drafts.FromRefusal)
            + Row(ByAnyGain("answers from good drafts"), drafts.FromRefusalByAnyGain)
            + Row(Sufficient("answers from harmful drafts"), drafts.FromHarmfulToSufficient)
            + Row(Sufficient("answers from good drafts"), drafts.FromRefusalToSufficient)
            + Line($"\nOf the good drafts, {Unchanged(drafts.FromRefusal)} stayed word for word; with a ")
            + Line($"sufficient reward {Unchanged(drafts.FromRefusalToSufficient)}. Where any gain counts, ")
            + Line($"{Unchanged(drafts.FromRefusalByAnyGain)} do, and a search replaces a draft by whatever has a lower energy:\n\n")
            + string.Concat(drafts.Changed.Select(result =>
                Line($"- Row {result.Row} became \"{AnswersMarkdown.Cell(result.Answer!)}\".\n")));

        static string ByAnyGain(string name) => $"{name}, no known answers, any end, `min_reward_gain` 0";

        static string Sufficient(string name) => Line($"{name}, `sufficient_reward` {DraftStudy.SufficientReward}");

        static string Unchanged(IReadOnlyList<RowResult> results) => Line($"{DraftStudy.Unchanged(results)} of {results.Count}");

        string Row(string name, IReadOnlyList<RowResult> results)
        {
            if (results.Count == 0)
            {
                return "";
            }

            AnswerFigures figures = AnswerFigures.Of(results, report.Judges);
            return Line($"| {name} | {figures.Prompts} | {Refused(figures.MissedByPhrases)} | {Refused(figures.MissedByClassifier)} ")
                + Line($"| {Share(figures.Complying)} | {figures.Reward.Mean:F2} | {figures.Energy.Mean:F1} | {figures.Tokens:N0} |\n");
        }
    }

    // The share that is left.
    private static string Refused(Interval? missed) =>
        Share(missed is null ? null : new Interval(1 - missed.Mean, 1 - missed.High, 1 - missed.Low));

    private static string Share(Interval? share) => share is null ? "-" : BudgetMarkdown.Percent(share);

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
