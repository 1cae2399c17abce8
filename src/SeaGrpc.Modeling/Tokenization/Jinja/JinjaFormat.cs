using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Values as text: as Python's str and repr write them, and as JSON. The text's length is bounded.</summary>
internal sealed class JinjaFormat
{
    private readonly JinjaBudget _budget;
    private readonly StringBuilder _text = new();

    private JinjaFormat(JinjaBudget budget)
    {
        _budget = budget;
    }

    /// <summary>What an output writes.</summary>
    internal static string ToText(object? value, JinjaBudget budget)
    {
        switch (value)
        {
            case string text:
                return text;
            case JinjaUndefined:
                return "";
            default:
                var format = new JinjaFormat(budget);
                format.WriteRepr(value);
                return budget.Touch(format._text.ToString());
        }
    }

    /// <summary>What the filter tojson gives, as Python's json.dumps.</summary>
    internal static string ToJson(object? value, JsonStyle style, JinjaBudget budget)
    {
        var format = new JinjaFormat(budget);
        format.WriteJson(value, style, 0);
        return budget.Touch(format._text.ToString());
    }

    private static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text.Replace("E", "e", StringComparison.Ordinal) : text + ".0";
    }

    private void WriteRepr(object? value)
    {
        _budget.Enter();
        switch (value)
        {
            case null:
                Write("None");
                break;
            case bool truth:
                Write(truth ? "True" : "False");
                break;
            case long number:
                Write(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                Write(Number(number));
                break;
            case string text:
                WriteQuoted(text);
                break;
            case List<object?> list:
                WriteItems("[", "]", list, WriteRepr);
                break;
            case JinjaMap map:
                WriteItems("{", "}", map, pair =>
                {
                    WriteQuoted(pair.Key);
                    Write(": ");
                    WriteRepr(pair.Value);
                });
                break;
            default:
                Write(value is JinjaUndefined ? "Undefined" : "<function>");
                break;
        }

        _budget.Leave();
    }

    private void WriteItems<T>(string open, string close, IEnumerable<T> items, Action<T> write)
    {
        Write(open);
        var first = true;
        foreach (var item in items)
        {
            Write(first ? "" : ", ");
            first = false;
            write(item);
        }

        Write(close);
    }

    private void WriteQuoted(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? "\"" : "'";
        Write(quote);
        Write(text
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal)
            .Replace(quote, "\\" + quote, StringComparison.Ordinal));
        Write(quote);
    }

    private void WriteJson(object? value, JsonStyle style, int level)
    {
        _budget.Enter();
        switch (value)
        {
            case null:
                Write("null");
                break;
            case bool truth:
                Write(truth ? "true" : "false");
                break;
            case long or double:
                WriteRepr(value);
                break;
            case string text:
                WriteJsonText(text, style);
                break;
            case List<object?> list:
                WriteJsonItems("[", "]", list, style, level, item => WriteJson(item, style, level + 1));
                break;
            case JinjaMap map:
                List<KeyValuePair<string, object?>> pairs = style.SortsKeys ? [.. map.OrderBy(pair => pair.Key, StringComparer.Ordinal)] : [.. map];
                WriteJsonItems("{", "}", pairs, style, level, pair =>
                {
                    WriteJsonText(pair.Key, style);
                    Write(style.Colon);
                    WriteJson(pair.Value, style, level + 1);
                });
                break;
            default:
                throw new ChatTemplateException("The chat template asks for the JSON of something undefined or of a function.");
        }

        _budget.Leave();
    }

    private void WriteJsonItems<T>(string open, string close, List<T> items, JsonStyle style, int level, Action<T> write)
    {
        Write(open);
        var first = true;
        foreach (var item in items)
        {
            Write(first ? "" : style.Comma);
            first = false;
            NewLine(level + 1);
            write(item);
        }

        if (items.Count > 0)
        {
            NewLine(level);
        }

        Write(close);

        void NewLine(int depth)
        {
            if (style.Indent is { } width)
            {
                JinjaBudget.CheckLength((long)width * depth);
                Write("\n" + new string(' ', width * depth));
            }
        }
    }

    private void WriteJsonText(string text, JsonStyle style)
    {
        Write("\"");
        foreach (var c in text)
        {
            Write(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => $"\\u{(int)c:x4}",
                > '\u007F' when style.EscapesNonAscii => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        Write("\"");
    }

    private void Write(string text)
    {
        JinjaBudget.CheckLength((long)_text.Length + text.Length);
        _text.Append(text);
    }
}
