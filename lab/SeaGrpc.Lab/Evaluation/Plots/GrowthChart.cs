using ScottPlot;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>One curve of a benchmark of growth: seconds against one size, all others fixed.</summary>
/// <param name="Name">What grows.</param>
/// <param name="Sizes">Its sizes, from small to large.</param>
/// <param name="Seconds">Time at each.</param>
public sealed record GrowthCurve(string Name, IReadOnlyList<int> Sizes, IReadOnlyList<double> Seconds);

/// <summary>Time per iteration against each size, both axes logarithmic, beside what linear growth would be.</summary>
public static class GrowthChart
{
    /// <summary>Draws one panel for each curve.</summary>
    /// <param name="curves">The curves; at least one.</param>
    /// <param name="path">The PNG.</param>
    public static void Draw(IReadOnlyList<GrowthCurve> curves, string path)
    {
        ArgumentNullException.ThrowIfNull(curves);
        ChartStyle.Save(path, ChartStyle.TwoColumns(), [.. curves.Select(Panel)]);
    }

    private static Plot Panel(GrowthCurve curve)
    {
        Plot plot = ChartStyle.Panel($"Time per iteration by {curve.Name}", curve.Name, "seconds");
        double[] x = [.. curve.Sizes.Select(size => Math.Log10(size))];
        double[] y = [.. curve.Seconds.Select(Math.Log10)];
        ChartStyle.Line(
            plot, x, [.. x.Select(value => y[^1] + value - x[^1])], ChartStyle.ColorOf(6).WithAlpha(0.4), "linear",
            pattern: LinePattern.Dashed);
        ChartStyle.Line(plot, x, y, ChartStyle.ColorOf(0), "measured", MarkerShape.FilledCircle);
        ChartStyle.BottomTicks(plot, curve.Sizes.Select((size, index) => (x[index], $"{size}")));
        ChartStyle.LogarithmicLeft(plot, y);
        ChartStyle.LegendBelow(plot);
        return plot;
    }
}
