using System.Globalization;
using System.Text;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Reports;

/// <summary>Every answer of a comparison at equal tokens, in full.</summary>
internal static class AnswersMarkdown
{
    /// <summary>The page.</summary>
    public static string Of(BudgetReport report)
    {
        var page = new StringBuilder(
            "# Answers on real language\n\nEvery answer in full, by prompt: what [results.md](results.md) counts.\n");
        foreach (DatasetRow row in report.Rows.Values)
        {
            (MethodAtBudget Method, RowResult? Result)[] found =
                [.. report.Methods.Select(method => (method, method.Results.FirstOrDefault(result => result.Row == row.Id)))];
            if (found.All(one => one.Result is null))
            {
                continue;
            }

            page.Append(CultureInfo.InvariantCulture, $"\n## {row.Id}. {row.Question}\n\n")
                .Append("| budget | method | energy | phrases | refusal classifier | compliance classifier | answer |\n")
                .Append("|---|---|---|---|---|---|---|\n");
            foreach ((MethodAtBudget method, RowResult? result) in found.Where(one => one.Result is not null))
            {
                page.Append(CultureInfo.InvariantCulture, $"| {method.Budget} | {method.Family.Name} | {AnswerEnergy.Of(result!):F1} ")
                    .Append(CultureInfo.InvariantCulture, $"| {Verdict(result!.Counts == true)} ")
                    .Append(CultureInfo.InvariantCulture, $"| {Classified(report, result)} | {Compliance(report, result)} ")
                    .Append(CultureInfo.InvariantCulture, $"| {Cell(result.Answer!)} |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>A text as one cell of a table.</summary>
    public static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ").Trim();

    /// <summary>The refusal classifier's verdict; empty without one.</summary>
    public static string Classified(BudgetReport report, RowResult result) =>
        report.Judges.Misses(result) is { } isMissed ? Verdict(isMissed) : "";

    /// <summary>The compliance classifier's verdict; empty without one.</summary>
    public static string Compliance(BudgetReport report, RowResult result) =>
        report.Judges.Complies(result) is { } complies ? complies ? "complies" : "does not" : "";

    /// <summary>A verdict in a word.</summary>
    public static string Verdict(bool isMissed) => isMissed ? "missed" : "refuses";
}
