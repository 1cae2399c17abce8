using Spectre.Console;
using Spectre.Console.Rendering;

namespace SeaGrpc.Cli.Output;

/// <summary>What a terminal shows of a running alignment: progress, two plots, the best answer so far.</summary>
internal static class ProgressScreen
{
    private const int MaximumWidth = 110;
    private const int SideBySideWidth = 80;
    private const int FewestPlottedIterations = 3;
    private const int BarWidth = 30;

    /// <summary>The screen.</summary>
    /// <param name="trace">What is known.</param>
    /// <param name="terminalWidth">Columns of the terminal.</param>
    /// <param name="stopping">Whether the user has asked for the answer so far.</param>
    public static IRenderable Render(AlignmentTrace trace, int terminalWidth, bool stopping)
    {
        var width = Math.Min(terminalWidth, MaximumWidth);
        var rows = new List<IRenderable> { Bar(trace) };
        if (trace.Iteration is { Total: >= FewestPlottedIterations })
        {
            rows.Add(Plots(trace, width));
        }

        if (trace.Best is { Text.Length: > 0 } best)
        {
            var text = MarkedText.FromDraft(best.Text, trace.Draft?.Text ?? best.Text);
            rows.Add(new Padder(RichText.Of(text)).Padding(1, 1, Math.Max(1, terminalWidth - width + 1), 1));
        }

        if (trace is { Final: null, Leading.Text: { Length: > 0 } leading })
        {
            rows.Add(new Text($" Searching: {leading}", new Style(Color.Grey)));
        }

        rows.Add(new Text(stopping ? " Stopping ..." : " Ctrl-C ends with the best answer so far.", new Style(Color.Grey)));
        return new Rows(rows);
    }

    private static Paragraph Bar(AlignmentTrace trace)
    {
        if (trace.Started is null)
        {
            return new Paragraph(trace.QueuePosition is { } place ? $" Waiting, place {place}" : " Waiting");
        }

        var (done, total) = (trace.Iteration?.Index ?? 0, trace.Iteration?.Total ?? 0);
        var filled = total == 0 ? 0 : (int)((double)done / total * BarWidth);
        return new Paragraph(" ")
            .Append(new string('━', filled), new Style(Color.Green))
            .Append(new string('━', BarWidth - filled), new Style(Color.Grey))
            .Append(total == 0 ? trace.Draft is null ? "  drafting" : "  draft" : $"  iteration {done}/{total}");
    }

    private static IRenderable Plots(AlignmentTrace trace, int width)
    {
        var total = trace.Iteration!.Total;
        var energy = new BraillePlot(
            "energy",
            [.. trace.Points.Select(point => (point.Iteration, point.BestEnergy))],
            [.. trace.Points.Select(point => (point.Iteration, point.MeanEnergy))],
            total,
            Color.Yellow);
        var reward = new BraillePlot(
            "reward",
            [.. trace.Points.Select(point => (point.Iteration, point.BestReward))],
            [.. trace.Points.Select(point => (point.Iteration, point.MeanReward))],
            total,
            Color.Aqua);
        if (width < SideBySideWidth)
        {
            return new Padder(new Rows(energy, reward)).Padding(0, 1, 1, 0);
        }

        var plotWidth = (width - 6) / 2;
        var grid = new Grid()
            .AddColumn(new GridColumn().Width(plotWidth))
            .AddColumn(new GridColumn().Width(plotWidth))
            .AddRow(energy, reward);
        return new Padder(grid).Padding(0, 1, 0, 0);
    }
}
