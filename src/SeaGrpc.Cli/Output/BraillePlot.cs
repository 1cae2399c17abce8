using Spectre.Console;
using Spectre.Console.Rendering;

namespace SeaGrpc.Cli.Output;

/// <summary>A small line plot: the best so far in colour, the chains' mean in grey behind it.</summary>
/// <param name="title">What is plotted.</param>
/// <param name="best">(iteration, value), in order.</param>
/// <param name="mean">(iteration, value), in order.</param>
/// <param name="total">The last iteration that there can be: the right edge.</param>
/// <param name="color">Colour of the best so far.</param>
internal sealed class BraillePlot(
    string title, IReadOnlyList<(int X, double Y)> best, IReadOnlyList<(int X, double Y)> mean, int total, Color color) : Renderable
{
    private const int Rows = 4;
    private const int LabelWidth = 8;
    private const int MinimumWidth = LabelWidth + 8;

    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(Math.Min(MinimumWidth, maxWidth), maxWidth);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var columns = Math.Max(1, maxWidth - LabelWidth - 1);
        var values = best.Concat(mean).Select(point => point.Y).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (low, high) = (values.Min(), values.Max());
        var front = Canvas(best, columns, low, high);
        var back = Canvas(mean, columns, low, high);

        var heading = best.Count == 0 ? title : $"{title} {Figures.Of(best[^1].Y)}";
        yield return new Segment(new string(' ', LabelWidth + 1));
        yield return new Segment(heading[..Math.Min(heading.Length, columns)], new Style(color));
        yield return Segment.LineBreak;
        for (var row = 0; row < Rows; row++)
        {
            var label = row == 0 ? Figures.Of(high) : row == Rows - 1 && high > low ? Figures.Of(low) : "";
            yield return new Segment(label.PadLeft(LabelWidth) + " ", new Style(Color.Grey));
            for (var column = 0; column < columns; column++)
            {
                var isFront = front[row, column] != 0;
                var dots = isFront ? front[row, column] : back[row, column];
                yield return new Segment(((char)(BrailleDots.Blank + dots)).ToString(), new Style(isFront ? color : Color.Grey));
            }

            yield return Segment.LineBreak;
        }
    }

    private int[,] Canvas(IReadOnlyList<(int X, double Y)> points, int columns, double low, double high)
    {
        var dots = new BrailleDots(Rows, columns);
        (int X, int Y)? previous = null;
        foreach (var (x, y) in points.Where(point => double.IsFinite(point.Y)))
        {
            var next = (
                X: (int)Math.Round((double)x / Math.Max(1, total) * (dots.Width - 1)),
                Y: high > low ? (int)Math.Round((high - y) / (high - low) * (dots.Height - 1)) : dots.Height / 2);
            dots.Line(previous ?? next, next);
            previous = next;
        }

        return dots.Cells;
    }
}
