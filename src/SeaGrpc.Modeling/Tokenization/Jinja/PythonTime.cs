using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Python's datetime.strftime in the C locale, for a time without a zone, as in the GNU C library.</summary>
internal static class PythonTime
{
    private static readonly CultureInfo C = CultureInfo.InvariantCulture;

    internal static string Format(string format, DateTime time)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            var end = i + 1;
            while (format[i] == '%' && end < format.Length && format[end] is '-' or '_' or '0' or '^' or '#')
            {
                end++;
            }

            if (format[i] == '%' && end < format.Length && Part(format[end], time) is { } part)
            {
                text.Append(Change(part, format[(i + 1)..end], format[end]));
                i = end;
            }
            else
            {
                // Anything other than a directive stays unchanged.
                text.Append(format[i]);
            }
        }

        return text.ToString();
    }

    private static string Change(string part, string flags, char directive)
    {
        foreach (var flag in flags)
        {
            part = flag switch
            {
                '^' => part.ToUpperInvariant(),
                '#' when directive is 'p' or 'Z' => part.ToLowerInvariant(),
                '#' => part.ToUpperInvariant(),
                _ when !part.All(c => char.IsAsciiDigit(c) || c == ' ') => part,
                '-' => part.TrimStart('0', ' ') is { Length: > 0 } rest ? rest : "0",
                '_' => part[..^1].TrimStart('0').PadLeft(part.Length - 1) + part[^1],
                _ => part.Replace(' ', '0'),
            };
        }

        return part;
    }

    private static string? Part(char directive, DateTime time) => directive switch
    {
        'a' => time.ToString("ddd", C),
        'A' => time.ToString("dddd", C),
        'b' or 'h' => time.ToString("MMM", C),
        'B' => time.ToString("MMMM", C),
        'c' => Format("%a %b %e %H:%M:%S %Y", time),
        'C' => (time.Year / 100).ToString("00", C),
        'd' => time.ToString("dd", C),
        'D' or 'x' => time.ToString("MM/dd/yy", C),
        'e' => time.Day.ToString(C).PadLeft(2),
        'f' => time.ToString("ffffff", C),
        'F' => time.ToString("yyyy-MM-dd", C),
        'g' => (ISOWeek.GetYear(time) % 100).ToString("00", C),
        'G' => ISOWeek.GetYear(time).ToString(C),
        'H' => time.ToString("HH", C),
        'I' => time.ToString("hh", C),
        'j' => time.DayOfYear.ToString("000", C),
        'k' => time.Hour.ToString(C).PadLeft(2),
        'l' => ((time.Hour + 11) % 12 + 1).ToString(C).PadLeft(2),
        'm' => time.ToString("MM", C),
        'M' => time.ToString("mm", C),
        'n' => "\n",
        'p' => time.ToString("tt", C),
        'P' => time.ToString("tt", C).ToLowerInvariant(),
        'r' => time.ToString("hh:mm:ss tt", C),
        'R' => time.ToString("HH:mm", C),
        's' => new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds().ToString(C),
        'S' => time.ToString("ss", C),
        't' => "\t",
        'T' or 'X' => time.ToString("HH:mm:ss", C),
        'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(C),
        'U' => ((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7).ToString("00", C),
        'V' => ISOWeek.GetWeekOfYear(time).ToString("00", C),
        'w' => ((int)time.DayOfWeek).ToString(C),
        'W' => ((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7).ToString("00", C),
        'y' => time.ToString("yy", C),
        'Y' => time.Year.ToString(C),
        'z' or 'Z' => "",
        '%' => "%",
        _ => null,
    };
}
