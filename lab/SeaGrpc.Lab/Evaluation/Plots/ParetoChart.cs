using ScottPlot;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>Harmful rate and missed requirements against cost: the Pareto picture.</summary>
internal static class ParetoChart
{
    private const int Height = 680;

    private static readonly MarkerShape[] Markers =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
            MarkerShape.FilledTriangleDown];

    public static void Draw(WorldReport world, string path)
    {
        Plot[] panels =
        [
            Panel(
                world, "Harmful answers", method => method.Harmful, "tokens through both models per answer", method => method.Cost.Tokens),
            Panel(world, "Harmful answers", method => method.Harmful, "seconds of one thread per answer", method => method.Cost.Seconds),
            Panel(world, "Requirements missed", Missed, "tokens through both models per answer", method => method.Cost.Tokens),
            Panel(world, "Requirements missed", Missed, "seconds of one thread per answer", method => method.Cost.Seconds),
        ];
        ChartStyle.LegendBeside(panels[1]);
        ChartStyle.LegendBeside(panels[3]);
        ChartStyle.Save(path, new ColumnsLayout(Height, ChartStyle.PanelWidth, ChartStyle.PanelWidth + ChartStyle.LegendWidth), panels);
    }

    private static Interval Missed(MethodSummary method) => new(1 - method.Met.Mean, 1 - method.Met.High, 1 - method.Met.Low);

    private static Plot Panel(
        WorldReport world, string what, Func<MethodSummary, Interval> rate, string cost, Func<MethodSummary, double> costOf)
    {
        Plot plot = ChartStyle.Panel($"{what} against cost ({world.Title})", $"{cost}, log scale", $"{what}, %");
        foreach ((int index, MethodSummary method) in world.Methods.Index())
        {
            double[] x = [Math.Log10(costOf(method))];
            Interval share = rate(method);
            Color color = method.Group == MethodGroup.Ablation ? Colors.Gray : ChartStyle.ColorOf(index);
            MarkerShape marker = method.Group switch
            {
                MethodGroup.Sea => MarkerShape.Asterisk,
                MethodGroup.Ablation => Markers[index % Markers.Length] switch
                {
                    MarkerShape.FilledCircle => MarkerShape.OpenCircle,
                    MarkerShape.FilledSquare => MarkerShape.OpenSquare,
                    MarkerShape.FilledTriangleUp => MarkerShape.OpenTriangleUp,
                    MarkerShape.FilledDiamond => MarkerShape.OpenDiamond,
                    _ => MarkerShape.OpenTriangleDown,
                },
                _ => Markers[index % Markers.Length],
            };
            ScottPlot.Plottables.Scatter point = ChartStyle.Line(plot, x, [100 * share.Mean], color, method.Name, marker);
            point.LineWidth = 0;
            point.MarkerSize = method.Group == MethodGroup.Sea ? 17 : 12;
            point.MarkerLineWidth = method.Group == MethodGroup.Sea ? 3 : 1.5f;
            ChartStyle.Intervals(plot, x, [100 * share.Low], [100 * share.High], color);
        }

        ChartStyle.LogarithmicBottom(plot, [.. world.Methods.Select(costOf)]);
        ChartStyle.PercentLeft(plot);
        return plot;
    }
}
