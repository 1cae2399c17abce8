using ScottPlot;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>Panels row by row in columns of given widths, in pixels.</summary>
internal sealed class ColumnsLayout(int panelHeight, params int[] columnWidths) : IMultiplotLayout
{
    /// <summary>Width of a row, in pixels.</summary>
    public int Width => columnWidths.Sum();

    /// <summary>Height of a number of panels, in pixels.</summary>
    public int HeightOf(int panels) => panelHeight * ((panels + columnWidths.Length - 1) / columnWidths.Length);

    /// <inheritdoc/>
    public PixelRect[] GetSubplotRectangles(SubplotCollection subplots, PixelRect figureRect) =>
        [.. Enumerable.Range(0, subplots.Count).Select(Rectangle)];

    private PixelRect Rectangle(int panel)
    {
        int column = panel % columnWidths.Length;
        int top = panel / columnWidths.Length * panelHeight;
        int left = columnWidths.Take(column).Sum();
        return new PixelRect(left, left + columnWidths[column], top + panelHeight, top);
    }
}
