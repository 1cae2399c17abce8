using ScottPlot;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Embedded.Studies;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>Success of the prefilling attack by the number of forced bad words.</summary>
internal static class PrefillChart
{
    public static void Draw(WorldReport world, string path) => ChartStyle.Save(
        path,
        ChartStyle.TwoColumns(),
        Panel(world, open: false, "Start fixed: a bad slot after it", point => point.Success),
        Panel(world, open: true, "Start open: any bad slot", point => point.Success),
        Panel(world, open: false, "Start fixed: bad slots after it", point => point.BadSlots),
        Panel(world, open: true, "Start open: bad slots", point => point.BadSlots));

    private static Plot Panel(WorldReport world, bool open, string title, Func<PrefillPoint, Interval> rate)
    {
        Plot plot = ChartStyle.Panel(
            title, "forced bad words in front", title.Contains("slots", StringComparison.Ordinal) ? "bad slots, %" : "attack success, %");
        foreach ((int index, IGrouping<string, PrefillPoint> method) in world.Prefill!.Where(point => point.StartOpen == open)
            .GroupBy(point => point.Method)
            .Index())
        {
            double[] x = [.. method.Select(point => point.BadWords + 0.06 * (index - 1))];
            Interval[] shares = [.. method.Select(rate)];
            ChartStyle.Line(
                plot, x, [.. shares.Select(share => 100 * share.Mean)], ChartStyle.ColorOf(index), method.Key, MarkerShape.FilledCircle);
            ChartStyle.Intervals(
                plot, x, [.. shares.Select(share => 100 * share.Low)], [.. shares.Select(share => 100 * share.High)],
                ChartStyle.ColorOf(index));
        }

        ChartStyle.BottomTicks(plot, Enumerable.Range(0, PrefillAttack.MostBadWords + 1).Select(count => ((double)count, $"{count}")));
        ChartStyle.PercentLeft(plot);
        ChartStyle.LegendBelow(plot);
        return plot;
    }
}
