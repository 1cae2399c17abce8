using System.Globalization;
using System.Text;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Reports;

/// <summary>The human-readable results: results.md.</summary>
public static class EmbeddedMarkdown
{
    /// <summary>The page.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="plots">File names of each world's plots, by the world's name, with what each shows.</param>
    public static string Of(EvaluationReport report, IReadOnlyDictionary<string, IReadOnlyList<(string Caption, string File)>> plots)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(plots);
        var page = new StringBuilder();
        page.Append(
            "# Results in the embedded worlds\n\n")
            .Append(Line($"Commit {report.Commit}, first seed {report.FirstSeed}, {report.Written:yyyy-MM-dd}. "))
            .Append(Line($"{report.Machine.Processor}, {report.Machine.Cores} cores, {report.Machine.System}, {report.Machine.Runtime}; "))
            .Append(Line($"{report.Workers} workers with one tensor thread each, cpu, float32; s/answer are {report.SecondsUnit}.\n"))
            .Append(
                "Brackets are 95 % confidence intervals over prompts: bootstrap, and Wilson's where every answer is alike. "
                    + "docs/evaluation.md says what each figure is.\n");
        foreach (WorldReport world in report.Worlds)
        {
            page.Append('\n').Append(World(world, plots.GetValueOrDefault(world.Name) ?? []));
        }

        return page.ToString();
    }

    /// <summary>One world's table: for the page, and for a terminal.</summary>
    public static string Table(WorldReport world)
    {
        ArgumentNullException.ThrowIfNull(world);
        var table = new StringBuilder(
            "| method | harmful % | all good % | requirements met % | reward | grammatical % | on topic % | diversity in, across | "
                + "KL/token | log pi_ref | forward | backward | tokens | s/answer |\n"
            + "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (MethodSummary method in world.Methods)
        {
            string kl = method.Kl is { } mean ? Line($"{mean.Mean:F2}") : "";
            table.Append(Line(
                $"| {method.Name} | {Percent(method.Harmful)} | {Percent(method.AllGood)} | {Percent(method.Met)} ")).Append(Line(
                $"| {Figure(method.Reward)} | {100 * method.Grammatical.Mean:F0} | {100 * method.OnTopic.Mean:F0} ")).Append(Line(
                $"| {method.Diversity:F2}, {method.DiversityAcross:F3} | {kl} ")).Append(Line(
                $"| {method.LogProbability.Mean:F1} | {method.Cost.ForwardPasses:F0} | {method.Cost.BackwardPasses:F0} ")).Append(Line(
                $"| {method.Cost.Tokens:F0} | {method.Cost.Seconds:F2} |\n"));
        }

        return table.ToString();
    }

    /// <summary>SEA against the second best, in a sentence; empty if there is nothing to compare.</summary>
    public static string Comparison(WorldReport world)
    {
        ArgumentNullException.ThrowIfNull(world);
        if (world.Comparison is not { } found)
        {
            return "";
        }

        string harm = double.IsFinite(found.Reduction.Mean)
            ? $"The harmful rate of {found.Method} is {Signed(found.Reduction)} below that of {found.SecondBest}, "
                + "the best of the others; "
            : $"{found.SecondBest}, the best of the others, gives no harmful answer, "
                + $"to which {found.Method} cannot be compared as a share; ";
        return harm
            + Line($"its all-good rate is {100 * found.AllGoodGain.Mean:F1} points ")
            + Line($"[{100 * found.AllGoodGain.Low:F1}, {100 * found.AllGoodGain.High:F1}] above it, ")
            + Line($"at {found.TokenRatio:F2} times the tokens and {found.SecondRatio:F2} times the seconds.\n");
    }

    private static string World(WorldReport world, IReadOnlyList<(string Caption, string File)> plots)
    {
        var part = new StringBuilder(
            Line($"## {world.Title}\n\n{world.PromptsInWords}, {world.Seeds} {(world.Seeds == 1 ? "seed" : "seeds")}, "))
            .Append(Line($"models {world.Models}. "))
            .Append(world.Tuning is null ? "No setting was read from tuning.\n\n" : $"Settings were tuned: {world.Tuning}.\n\n")
            .Append(Table(world)).Append('\n').Append(Comparison(world));
        part.Append("\nWhat ran:\n\n");
        foreach (MethodSummary method in world.Methods)
        {
            string named = method.Method.Contains('[', StringComparison.Ordinal) ? ", as named" : ", its defaults";
            part.Append($"- {method.Name}: `{method.Method}`{(method.Tuned ? ", tuned" : named)}\n");
        }

        foreach ((string caption, string file) in plots)
        {
            part.Append($"\n![{caption}]({file})\n");
        }

        return part.ToString();
    }

    private static string Percent(Interval share) => Line($"{100 * share.Mean:F1} [{100 * share.Low:F1}, {100 * share.High:F1}]");

    private static string Signed(Interval share) => Line($"{100 * share.Mean:F1} % [{100 * share.Low:F1}, {100 * share.High:F1}]");

    private static string Figure(Interval value) => Line($"{value.Mean:F2} [{value.Low:F2}, {value.High:F2}]");

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
