using SeaGrpc.V1;
using Spectre.Console;

namespace SeaGrpc.Cli.Output;

/// <summary>Draft and answer side by side.</summary>
internal static class FinalTable
{
    private const int MaximumWidth = 110;

    /// <summary>The table.</summary>
    /// <param name="final">How the alignment ended.</param>
    /// <param name="terminalWidth">Columns of the terminal.</param>
    public static Table Render(AlignmentFinal final, int terminalWidth)
    {
        var width = Math.Min(terminalWidth, MaximumWidth);
        var columnWidth = Math.Max(10, (width - 7) / 2);
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        table.AddColumn(new TableColumn(new Text("Draft", new Style(decoration: Decoration.Bold))).Width(columnWidth));
        table.AddColumn(new TableColumn(new Text("Answer", new Style(Color.Green, decoration: Decoration.Bold))).Width(columnWidth));
        table.AddRow(
            RichText.Of(MarkedText.Plain(final.Draft.Text)),
            RichText.Of(MarkedText.FromSpans(final.Response.Text, final.ChangedSpans))
        );
        table.AddEmptyRow();
        table.AddRow(Numbers(final.Draft), Numbers(final.Response));
        return table;
    }

    private static Grid Numbers(ScoredResponse response)
    {
        var grid = new Grid()
            .AddColumn(new GridColumn().PadLeft(0).PadRight(2).NoWrap())
            .AddColumn(new GridColumn().RightAligned().NoWrap());
        foreach (
            var (name, value) in new[]
            {
                ("reward", response.Reward),
                ("energy", response.Energy),
                ("log-probability", response.LogProbability),
            }
        )
        {
            grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(response.Unscored ? "-" : Figures.Of(value)));
        }

        return grid;
    }
}
