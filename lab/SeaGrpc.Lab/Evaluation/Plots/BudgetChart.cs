using ScottPlot;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>Reward and energy against tokens and against seconds, a line for every method.</summary>
internal static class BudgetChart
{
    /// <summary>A point on fewer prompts says how many.</summary>
    public const int ManyPrompts = 30;

    private static readonly MarkerShape[] Markers =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
        MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenTriangleUp,
        MarkerShape.OpenDiamond, MarkerShape.OpenTriangleDown, MarkerShape.Cross, MarkerShape.Eks, MarkerShape.Asterisk,
    ];

    /// <summary>Draws it; panels without a point are left out, and nothing is drawn where no method has an answer.</summary>
    public static void Draw(BudgetReport report, string path)
    {
        (BudgetFamily Family, AnswerFigures[] Points)[] lines =
        [
            .. report.Methods.Where(method => method.Results.Count > 0).GroupBy(method => method.Family)
                .Select(group => (group.Key, group.Select(method => AnswerFigures.Of(method, AnswerJudges.None)).ToArray())),
        ];
        Plot[] panels =
        [
            .. new[]
            {
                Panel(lines, "Reward", figures => figures.Reward, "tokens through both models per prompt", figures => figures.Tokens),
                Panel(
                    lines, "Reward", figures => figures.Reward, "processor seconds per prompt", figures => figures.Seconds, isTimed: true),
                Panel(lines, "Energy, nats", figures => figures.Energy, "tokens through both models per prompt", figures => figures.Tokens),
                Panel(
                    lines, "Energy, nats", figures => figures.Energy, "processor seconds per prompt", figures => figures.Seconds,
                    isTimed: true),
            }.OfType<Plot>(),
        ];
        if (panels.Length > 0)
        {
            const int Width = ChartStyle.PanelWidth + ChartStyle.LongLegendWidth;
            ChartStyle.Save(path, new ColumnsLayout(ChartStyle.PanelHeight, Width, Width), panels);
        }
    }

    private static Plot? Panel(
        (BudgetFamily Family, AnswerFigures[] Points)[] lines,
        string what,
        Func<AnswerFigures, Interval> figure,
        string cost,
        Func<AnswerFigures, double?> costOf,
        bool isTimed = false)
    {
        if (!lines.Any(line => line.Points.Any(point => costOf(point) > 0)))
        {
            return null;
        }

        Plot plot = ChartStyle.Panel($"{what} against cost", $"{cost}, log scale", what);
        foreach ((int index, (BudgetFamily family, AnswerFigures[] points)) in lines.Index())
        {
            AnswerFigures[] known = [.. points.Where(point => costOf(point) > 0).OrderBy(costOf)];
            double[] x = [.. known.Select(point => Math.Log10(costOf(point)!.Value))];
            Color color = ChartStyle.ColorOf(index);
            ScottPlot.Plottables.Scatter line = ChartStyle.Line(
                plot, x, [.. known.Select(point => figure(point).Mean)], color, family.Name, Markers[index % Markers.Length]);
            line.LineWidth = family.IsCompared ? 4 : 2;
            ChartStyle.Intervals(
                plot, x, [.. known.Select(point => figure(point).Low)], [.. known.Select(point => figure(point).High)], color);
        }

        foreach (AnswerFigures point in lines.SelectMany(line => line.Points).Where(point => costOf(point) > 0))
        {
            int prompts = isTimed ? Math.Min(point.Timed, point.Prompts) : point.Prompts;
            if (prompts < ManyPrompts)
            {
                plot.Add.Text($" n={prompts}", Math.Log10(costOf(point)!.Value), figure(point).Mean).LabelFontSize = 10;
            }
        }

        IEnumerable<double> costs = lines.SelectMany(line => line.Points).Select(costOf).OfType<double>();
        ChartStyle.LogarithmicBottom(plot, [.. costs.Where(value => value > 0)]);
        ChartStyle.LegendBeside(plot);
        return plot;
    }
}
