using ScottPlot;
using ScottPlot.TickGenerators;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>The appearance of every chart.</summary>
internal static class ChartStyle
{
    /// <summary>Width of one panel, in pixels.</summary>
    public const int PanelWidth = 760;

    /// <summary>Height of one panel, in pixels.</summary>
    public const int PanelHeight = 520;

    /// <summary>Width that a legend beside the data needs, in pixels.</summary>
    public const int LegendWidth = 250;

    /// <summary>The same for the names of all methods.</summary>
    public const int LongLegendWidth = 380;

    private const string FontName = "DejaVu Sans";
    private const float TextSize = 17;
    private const float TitleSize = 19;

    // Okabe and Ito's palette, which colour-blind readers can tell apart.
    private static readonly string[] Palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6BB1"];

    /// <summary>An empty panel.</summary>
    public static Plot Panel(string title, string x, string y)
    {
        var plot = new Plot();
        plot.Font.Set(FontName);
        plot.Title(title, TitleSize);
        plot.XLabel(x, TextSize);
        plot.YLabel(y, TextSize);
        plot.Axes.Bottom.TickLabelStyle.FontSize = TextSize;
        plot.Axes.Left.TickLabelStyle.FontSize = TextSize;
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.1);
        plot.Legend.FontSize = TextSize;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.HideLegend();
        return plot;
    }

    /// <summary>A colour of the palette.</summary>
    public static Color ColorOf(int index) => Color.FromHex(Palette[index % Palette.Length]);

    /// <summary>Makes the bottom axis logarithmic: its data are powers of ten.</summary>
    /// <param name="plot">The panel.</param>
    /// <param name="values">The data before the logarithm.</param>
    public static void LogarithmicBottom(Plot plot, IReadOnlyCollection<double> values)
    {
        double low = Math.Log10(values.Min()) - 0.15;
        double high = Math.Log10(values.Max()) + 0.15;
        var ticks = new NumericManual();
        for (int power = (int)Math.Floor(low); power <= (int)Math.Ceiling(high); power++)
        {
            foreach (int digit in new[] { 1, 2, 5 })
            {
                double value = digit * Math.Pow(10, power);
                if (Math.Log10(value) >= low && Math.Log10(value) <= high)
                {
                    ticks.AddMajor(Math.Log10(value), Short(value));
                }
            }
        }

        plot.Axes.Bottom.TickGenerator = ticks;
        plot.Axes.SetLimitsX(low, high);
    }

    /// <summary>Labels the left axis in powers of ten and their halves: its data are logarithms.</summary>
    /// <param name="plot">The panel.</param>
    /// <param name="logarithms">The data.</param>
    public static void LogarithmicLeft(Plot plot, IReadOnlyCollection<double> logarithms)
    {
        double low = logarithms.Min() - 0.3;
        double high = logarithms.Max() + 0.15;
        var ticks = new NumericManual();
        foreach (int power in Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1))
        {
            foreach (int digit in new[] { 1, 2, 5 })
            {
                double value = digit * Math.Pow(10, power);
                ticks.AddMajor(Math.Log10(value), $"{value:0.#####}");
            }
        }

        plot.Axes.Left.TickGenerator = ticks;
        plot.Axes.SetLimitsY(low, high);
    }

    /// <summary>Ticks at given places only.</summary>
    public static void BottomTicks(Plot plot, IEnumerable<(double Place, string Label)> ticks)
    {
        var manual = new NumericManual();
        foreach ((double place, string label) in ticks)
        {
            manual.AddMajor(place, label);
        }

        plot.Axes.Bottom.TickGenerator = manual;
    }

    /// <summary>Percent from 0 to 100 with room for markers.</summary>
    public static void PercentLeft(Plot plot) => plot.Axes.SetLimitsY(-4, 104);

    /// <summary>Adds a line with markers.</summary>
    public static ScottPlot.Plottables.Scatter Line(
        Plot plot, double[] x, double[] y, Color color, string legend, MarkerShape marker = MarkerShape.None, LinePattern? pattern = null)
    {
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter(x, y, color);
        line.LineWidth = 2.5f;
        line.LinePattern = pattern ?? LinePattern.Solid;
        line.MarkerShape = marker;
        line.MarkerSize = marker == MarkerShape.None ? 0 : 11;
        line.LegendText = legend;
        return line;
    }

    /// <summary>Adds vertical confidence intervals.</summary>
    public static void Intervals(Plot plot, double[] x, double[] low, double[] high, Color color)
    {
        for (int index = 0; index < x.Length; index++)
        {
            ScottPlot.Plottables.LinePlot bar = plot.Add.Line(x[index], low[index], x[index], high[index]);
            bar.LineWidth = 1.5f;
            bar.LineColor = color.WithAlpha(0.6);
            bar.MarkerSize = 0;
        }
    }

    /// <summary>Puts the legend beside the data, on the right.</summary>
    public static void LegendBeside(Plot plot) => plot.ShowLegend(Edge.Right);

    /// <summary>Puts the legend below the data.</summary>
    public static void LegendBelow(Plot plot)
    {
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.ShowLegend(Edge.Bottom);
    }

    /// <summary>Writes panels as one PNG.</summary>
    public static void Save(string path, ColumnsLayout layout, params Plot[] panels)
    {
        var figure = new Multiplot();
        figure.RemovePlot(figure.GetPlot(0));
        foreach (Plot panel in panels)
        {
            figure.AddPlot(panel);
        }

        figure.Layout = layout;
        figure.SavePng(path, layout.Width, layout.HeightOf(panels.Length));
    }

    /// <summary>Two columns of panels.</summary>
    public static ColumnsLayout TwoColumns() => new(PanelHeight, PanelWidth, PanelWidth);

    private static string Short(double value) => value >= 1000 ? $"{value / 1000:0.##}k" : $"{value:0.###}";
}
