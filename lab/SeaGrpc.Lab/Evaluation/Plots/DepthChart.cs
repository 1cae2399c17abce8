using ScottPlot;
using SeaGrpc.Lab.Evaluation.Embedded;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>
/// How far an answer is from the reference policy along its length: alignment is deep where the distance does not end with the first words.
/// </summary>
internal static class DepthChart
{
    public static void Draw(WorldReport world, string path)
    {
        Plot plot = ChartStyle.Panel($"Distance to the reference by place ({world.Title})", "place in the answer, %", "nats per token");
        foreach ((int index, MethodSummary method) in Lines(world).Index())
        {
            Curve(plot, method.SurprisalByPlace, ChartStyle.ColorOf(index), $"{method.Name}: -log pi_ref", LinePattern.Solid);
            if (method.KlByPlace is { } kl)
            {
                Curve(plot, kl, ChartStyle.ColorOf(index), $"{method.Name}: KL of its logits", LinePattern.Dashed);
            }
        }

        ChartStyle.LegendBeside(plot);
        ChartStyle.Save(path, new ColumnsLayout(ChartStyle.PanelHeight, ChartStyle.PanelWidth + ChartStyle.LegendWidth + 100), plot);
    }

    /// <summary>The base policy, the baseline with the lowest harmful rate, and SEA.</summary>
    private static IEnumerable<MethodSummary> Lines(WorldReport world)
    {
        MethodSummary?[] lines =
        [
            world.Methods.FirstOrDefault(method => method.Name == "base"),
            world.Methods.FirstOrDefault(method => method.Name == world.Comparison?.SecondBest),
            world.Methods.FirstOrDefault(method => method.Group == MethodGroup.Sea),
        ];
        return lines.OfType<MethodSummary>().DistinctBy(method => method.Name);
    }

    private static void Curve(Plot plot, IReadOnlyList<double> values, Color color, string legend, LinePattern pattern) => ChartStyle.Line(
        plot, [.. Enumerable.Range(0, values.Count).Select(place => 100 * (place + 0.5) / values.Count)], [.. values], color, legend,
        MarkerShape.FilledCircle, pattern).MarkerSize = 6;
}
