using ScottPlot;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Embedded.Studies;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>What more chains give.</summary>
internal static class ChainChart
{
    public static void Draw(WorldReport world, string path)
    {
        Plot gain = ChartStyle.Panel($"Gain by number of chains ({world.Title})", "chains", "reward above the base policy's sample");
        Curve(gain, world.Chains!, point => point.Gain, 1, 0, "sea");
        Plot rates = ChartStyle.Panel($"Harm by number of chains ({world.Title})", "chains", "share, %");
        Curve(rates, world.Chains!, point => point.Harmful, 100, 1, "harmful answers");
        Curve(
            rates, world.Chains!, point =>
                new Interval(1 - point.Met.Mean, 1 - point.Met.High, 1 - point.Met.Low), 100, 2, "requirements missed");
        ChartStyle.PercentLeft(rates);
        ChartStyle.LegendBelow(rates);
        ChartStyle.Save(path, ChartStyle.TwoColumns(), gain, rates);
    }

    private static void Curve(
        Plot plot, IReadOnlyList<ChainPoint> points, Func<ChainPoint, Interval> figure, double scale, int color, string legend)
    {
        double[] x = [.. points.Select(point => Math.Log2(point.Chains))];
        Interval[] values = [.. points.Select(figure)];
        ChartStyle.Line(
            plot, x, [.. values.Select(value => scale * value.Mean)], ChartStyle.ColorOf(color), legend, MarkerShape.FilledCircle);
        ChartStyle.Intervals(
            plot, x, [.. values.Select(value => scale * value.Low)], [.. values.Select(value => scale * value.High)],
            ChartStyle.ColorOf(color));
        ChartStyle.BottomTicks(plot, points.Select(point => (Math.Log2(point.Chains), $"{point.Chains}")));
    }
}
