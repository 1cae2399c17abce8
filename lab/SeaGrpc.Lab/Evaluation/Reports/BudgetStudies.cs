using System.Globalization;
using System.Text;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Lab.Evaluation.Judging.Compliance;
using SeaGrpc.Lab.Evaluation.Judging.Refusals;

namespace SeaGrpc.Lab.Evaluation.Reports;

/// <summary>The parts of the page beside the tables: tuning, benign prompts, drafts, judges.</summary>
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
            + "| | refuses %: phrases | by the classifier | reward | log pi_ref per token | energy |\n|---|---|---|---|---|---|\n"
            + Row("the policy's samples", samples) + Row("energy_search", search)
            + Line($"\nThe samples' 10th percentile of log pi_ref per token is {benign.LowLogProbability:F2}.\n");

        static string Row(string name, AnswerFigures figures) =>
            Line($"| {name} | {100 * (1 - figures.MissedByPhrases.Mean):F0} | {Refused(figures)} | {figures.Reward.Mean:F2} ")
            + Line($"| {figures.LogProbabilityPerToken:F2} | {figures.Energy.Mean:F1} |\n");

        static string Refused(AnswerFigures figures) =>
            figures.MissedByClassifier is { } missed ? Line($"{100 * (1 - missed.Mean):F0}") : "-";
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
            + "| | prompts | refuses %: phrases | by the classifier | complies %: classifier | energy |\n|---|---|---|---|---|---|\n"
            + Row("harmful drafts", drafts.Harmful) + Row("answers from them", drafts.FromHarmful)
            + Row("answers from good drafts", drafts.FromRefusal)
            + Line($"\nOf the good drafts, {drafts.Unchanged} of {drafts.FromRefusal.Count} stayed word for word.\n")
            + string.Concat(drafts.Changed.Select(result =>
                Line($"- Row {result.Row} became \"{AnswersMarkdown.Cell(result.Answer!)}\".\n")));

        string Row(string name, IReadOnlyList<RowResult> results)
        {
            if (results.Count == 0)
            {
                return "";
            }

            AnswerFigures figures = AnswerFigures.Of(results, report.Judges);
            string classified = figures.MissedByClassifier is { } missed ? Line($"{100 * (1 - missed.Mean):F0}") : "-";
            string complying = figures.Complying is { } share ? Line($"{100 * share.Mean:F0}") : "-";
            return Line($"| {name} | {figures.Prompts} | {100 * (1 - figures.MissedByPhrases.Mean):F0} | {classified} | {complying} ")
                + Line($"| {figures.Energy.Mean:F1} |\n");
        }
    }

    /// <summary>The judges, held against each other and against a person.</summary>
    public static string Judges(BudgetReport report)
    {
        if (report.Judges.Refusals is not { } judge)
        {
            return "";
        }

        var text = new StringBuilder(
            Line($"\n## The judges\n\n- Phrases: {RefusalPhrases.Version}.\n- Refusal classifier: {RefusalClassifier.Version}, logistic ")
            + Line($"regression on the first words and pairs of words, trained on {judge.TrainedOn} answers of pairs that the reward model ")
            + Line($"did not learn from. Of {judge.Others} others it misses {judge.MissedRefusals} refusals and takes ")
            + Line($"{judge.FalseRefusals} other answers for refusals.\n"));
        if (report.Judges.Compliance is { } compliance)
        {
            text.Append(Line($"- Compliance classifier: {ComplianceClassifier.Version}, logistic regression on the same words and the "))
                .Append(Line($"length, trained on answers to tuning prompts that a person read: {compliance.Complying} that do what was "))
                .Append(Line($"asked, {compliance.Evading} that evade and {compliance.Refusing} that refuse.\n"));
        }

        (HandVerdict Hand, RowResult Result)[] read =
        [
            .. report.ByHand
                .Select(hand => (hand, report.Methods.Where(method => method.Method == hand.Method).SelectMany(method => method.Results)
                    .FirstOrDefault(result => result.Row == hand.Row)))
                .Where(one => one.Item2 is not null).Select(one => (one.hand, one.Item2!)),
        ];
        if (read.Length == 0)
        {
            return text.ToString();
        }

        text.Append(Line($"\n{read.Length} answers read by a person, who tells apart what complies, evades and refuses:\n\n"))
            .Append("| judge | agrees on \"complies or not\" | agrees on \"refuses or not\" | refusals missed ")
            .Append("| others taken for refusals |\n")
            .Append("|---|---|---|---|---|\n")
            .Append(Agreement("phrases", read, result => result.Counts == true))
            .Append(Agreement("refusal classifier", read, result => report.Judges.Misses(result) == true))
            .Append(report.Judges.Compliance is null ? "" : ComplianceAgreement(report, read))
            .Append("\n| row | method | read by hand | phrases | refusal classifier | compliance classifier | answer |\n")
            .Append("|---|---|---|---|---|---|---|\n");
        foreach ((HandVerdict hand, RowResult result) in read)
        {
            text.Append(Line($"| {hand.Row} | `{hand.Method}` | {hand.Word} "))
                .Append(Line($"| {AnswersMarkdown.Verdict(result.Counts == true)} | {AnswersMarkdown.Classified(report, result)} "))
                .Append(Line($"| {AnswersMarkdown.Compliance(report, result)} "))
                .Append(Line($"| {AnswersMarkdown.Cell(result.Answer!)} |\n"));
        }

        return text.ToString();
    }

    private static string ComplianceAgreement(BudgetReport report, IReadOnlyList<(HandVerdict Hand, RowResult Result)> read)
    {
        (HandVerdict Hand, RowResult Result)[] wrong =
            [.. read.Where(one => report.Judges.Complies(one.Result) != (one.Hand.Class == AnswerClass.Complies))];
        return Line($"| compliance classifier | {read.Count - wrong.Length} | - | - | - |\n")
            + (wrong.Length == 0 ? "" : "\nThe compliance classifier is wrong on "
                + string.Join(", ", wrong.Select(one => Line($"row {one.Hand.Row} ({one.Hand.Word})"))) + ".\n");
    }

    // Which judge is right: one says "no refusal" where a person says "complies", or where a person says anything but "refuses".
    private static string Agreement(
        string judge, IReadOnlyList<(HandVerdict Hand, RowResult Result)> read, Func<RowResult, bool> isMissed)
    {
        int complies = read.Count(one => isMissed(one.Result) == (one.Hand.Class == AnswerClass.Complies));
        int refuses = read.Count(one => isMissed(one.Result) != (one.Hand.Class == AnswerClass.Refuses));
        return Line($"| {judge} | {complies} | {refuses} ")
            + Line($"| {Listed(one => one.Hand.Class == AnswerClass.Refuses && isMissed(one.Result))} ")
            + Line($"| {Listed(one => one.Hand.Class != AnswerClass.Refuses && !isMissed(one.Result))} |\n");

        string Listed(Func<(HandVerdict Hand, RowResult Result), bool> isIn) =>
            read.Where(isIn).Select(one => $"row {one.Hand.Row} ({one.Hand.Word})").ToArray() is { Length: > 0 } rows
                ? string.Join(", ", rows)
                : "none";
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
