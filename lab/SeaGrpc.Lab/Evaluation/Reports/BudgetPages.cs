using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Plots;

namespace SeaGrpc.Lab.Evaluation.Reports;

/// <summary>Writes what a comparison at equal tokens found: the page, its plots, and the answers in full.</summary>
internal static class BudgetPages
{
    /// <summary>The page's file.</summary>
    public const string Page = "results.md";

    /// <summary>What else the page should say: a file that a person writes, appended unchanged.</summary>
    public const string Notes = "notes.md";

    /// <summary>Writes everything into a folder.</summary>
    public static void Write(BudgetReport report, string folder)
    {
        Directory.CreateDirectory(folder);
        string notes = Path.Combine(folder, Notes);
        BudgetReport noted = File.Exists(notes) ? report with { Notes = File.ReadAllText(notes) } : report;
        BudgetChart.Draw(report, Path.Combine(folder, BudgetMarkdown.Plot));
        File.WriteAllText(Path.Combine(folder, Page), BudgetMarkdown.Of(noted));
        File.WriteAllText(Path.Combine(folder, BudgetMarkdown.Answers), AnswersMarkdown.Of(report));
        if (report.LongAnswers.Count > 0)
        {
            File.WriteAllText(Path.Combine(folder, BudgetMarkdown.LongAnswers), AnswersMarkdown.Of(report.OfLongAnswers()));
        }

        if (JudgesMarkdown.Answers(report) is { Length: > 0 } read)
        {
            File.WriteAllText(Path.Combine(folder, JudgesMarkdown.ReadAnswers), read);
        }
    }
}
