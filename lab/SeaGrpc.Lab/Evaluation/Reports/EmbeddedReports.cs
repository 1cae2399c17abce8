using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Plots;

namespace SeaGrpc.Lab.Evaluation.Reports;

/// <summary>Writes what an evaluation found: results.json, results.md and the plots.</summary>
public static class EmbeddedReports
{
    /// <summary>Writes everything into a folder.</summary>
    public static void Write(EvaluationReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        Directory.CreateDirectory(folder);
        ResultJson.Write(Path.Combine(folder, "results.json"), report);
        var plots = report.Worlds.ToDictionary(world => world.Name, world => WorldPlots.Draw(world, folder));
        File.WriteAllText(Path.Combine(folder, "results.md"), EmbeddedMarkdown.Of(report, plots));
    }
}
