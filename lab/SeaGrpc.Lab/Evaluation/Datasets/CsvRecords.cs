using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>Reads RFC 4180 records under a header, and continues after broken ones.</summary>
/// <remarks>
/// A quote that is never closed swallows every line up to the next quote. So after a broken record that spans several lines
/// reading starts again at its second line: one bad row costs one row.
/// </remarks>
internal static class CsvRecords
{
    /// <summary>The records after the header, in order.</summary>
    /// <param name="text">The file.</param>
    public static IEnumerable<DatasetRecord> Read(string text)
    {
        string[]? header = null;
        foreach ((int line, string[] values, string? fault) in Rows(text, () => header?.Length))
        {
            if (header is null)
            {
                header = [.. values.Select(name => name.Trim())];
                continue;
            }

            if (fault is not null)
            {
                yield return DatasetRecord.Bad(line, fault);
                continue;
            }

            var fields = new Dictionary<string, string>();
            for (int column = 0; column < header.Length; column++)
            {
                fields.TryAdd(header[column], values[column]);
            }

            yield return new DatasetRecord(line, fields, null);
        }
    }

    /// <summary>The header's names; empty for an empty file.</summary>
    public static string[] Header(string text) =>
        [.. Rows(text, () => null).Take(1).SelectMany(row => row.Values).Select(name => name.Trim())];

    private static IEnumerable<(int Line, string[] Values, string? Fault)> Rows(string text, Func<int?> columns)
    {
        int start = 0;
        int line = 1;
        while (start < text.Length)
        {
            bool again = false;
            foreach ((string raw, string[] values, bool badQuotes) in Parse(text[start..]))
            {
                int at = SkipBlankLines(text, start, ref line);
                string? fault = Fault(raw, values, badQuotes, columns());
                yield return (line, values, fault);
                int firstEnd = text.IndexOf('\n', at) + 1;
                again = fault is not null && firstEnd > 0 && firstEnd < at + raw.Length;
                start = again ? firstEnd : at + raw.Length;
                line += again ? 1 : raw.Count(letter => letter == '\n');
                if (again)
                {
                    break;
                }
            }

            if (!again)
            {
                yield break;
            }
        }
    }

    private static IEnumerable<(string Raw, string[] Values, bool BadQuotes)> Parse(string text)
    {
        bool bad = false;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture) { HasHeaderRecord = false, BadDataFound = _ => bad = true };
        using var parser = new CsvParser(new StringReader(text), configuration);
        while (parser.Read())
        {
            bad = false;
            string[] values = parser.Record!;
            yield return (parser.RawRecord, values, bad || parser.RawRecord.Count(letter => letter == '"') % 2 != 0);
        }
    }

    private static int SkipBlankLines(string text, int start, ref int line)
    {
        int at = start;
        while (at < text.Length && text[at] is '\r' or '\n')
        {
            line += text[at] == '\n' ? 1 : 0;
            at++;
        }

        return at;
    }

    private static string? Fault(string raw, string[] values, bool badQuotes, int? columns) =>
        badQuotes ? "its quotes do not match: a field with quotes or line breaks stands in quotes, and quotes inside it are doubled"
        : columns is { } count && values.Length != count ? $"it has {values.Length} fields, but the header has {count}"
        : DatasetText.IsSpoilt(raw) ? "it is not UTF-8"
        : null;
}
