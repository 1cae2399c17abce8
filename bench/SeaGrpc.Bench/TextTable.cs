using System.Globalization;
using System.Text;

namespace SeaGrpc.Bench;

/// <summary>Rows of figures in columns, for a terminal or a pipe: words to the left, numbers to the right.</summary>
internal static class TextTable
{
    /// <summary>The heads, a rule, and the rows; every column as wide as its widest cell.</summary>
    /// <param name="heads">One for each column.</param>
    /// <param name="rows">As many cells each.</param>
    public static string Of(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [.. rows];
        int[] widths =
            [.. heads.Select((head, column) => Math.Max(head.Length, all.Select(row => row[column].Length).DefaultIfEmpty().Max()))];
        var text = new StringBuilder();
        foreach (IReadOnlyList<string> row in all.Prepend([.. widths.Select(width => new string('-', width))]).Prepend(heads))
        {
            text.AppendJoin(
                "  ", row.Select((cell, column) => IsNumber(cell) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])));
            text.Length -= text.ToString().Length - text.ToString().TrimEnd(' ').Length;
            text.Append('\n');
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>A number in the invariant culture.</summary>
    public static string Cell(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private static bool IsNumber(string cell) => cell.Length > 0 && (char.IsAsciiDigit(cell[0]) || (cell[0] == '-' && cell.Length < 3));
}
