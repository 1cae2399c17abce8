using System.Globalization;
using System.Numerics;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Converts values to text as Python's str and repr do. The length of the text is limited.</summary>
internal sealed class JinjaFormat
{
    private readonly JinjaBudget _budget;
    private readonly StringBuilder _text = new();

    private JinjaFormat(JinjaBudget budget)
    {
        _budget = budget;
    }

    /// <summary>The text that an output writes: Python's str.</summary>
    internal static string ToText(object? value, JinjaBudget budget)
    {
        switch (value)
        {
            case string text:
                return text;
            case JinjaMarkup markup:
                return markup.Text;
            case JinjaUndefined:
                return "";
            default:
                return Repr(value, budget);
        }
    }

    /// <summary>Python's repr.</summary>
    internal static string Repr(object? value, JinjaBudget budget)
    {
        var format = new JinjaFormat(budget);
        format.Write(value);
        return budget.Touch(format._text.ToString());
    }

    /// <summary>Python's ascii: a repr with escapes for characters beyond ASCII.</summary>
    internal static string Ascii(object? value, JinjaBudget budget) => string.Concat(
        PythonCase.Points(Repr(value, budget)).Select(point => point < 0x80 ? CodePoints.Of(point) : Escape(point)));

    private void Write(object? value)
    {
        _budget.Enter();
        switch (value)
        {
            case null:
                Append("None");
                break;
            case bool truth:
                Append(truth ? "True" : "False");
                break;
            case long number:
                Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case BigInteger number:
                Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                Append(PythonDecimal.Shortest(number));
                break;
            case string text:
                WriteQuoted(text);
                break;
            case JinjaMarkup markup:
                Append("Markup(");
                WriteQuoted(markup.Text);
                Append(")");
                break;
            case List<object?> list:
                WriteItems("[", "]", list, Write);
                break;
            case JinjaTuple tuple:
                WriteItems("(", tuple.Items.Count == 1 ? ",)" : ")", tuple.Items, Write);
                break;
            case JinjaMap map:
                WriteMap(map);
                break;
            case JinjaView view:
                Append(view.Kind + "(");
                WriteItems("[", "]", view.Items, Write);
                Append(")");
                break;
            case JinjaRange range:
                Append($"range({range.Start}, {range.Stop}{(range.Step == 1 ? "" : $", {range.Step}")})");
                break;
            case JinjaNamespace space:
                Append("<Namespace ");
                WriteMap(space.Attributes);
                Append(">");
                break;
            case JinjaIterator iterator:
                throw JinjaFault.Because($"{JinjaFault.KindOf(iterator)}, is printed without being run: append '| list' or '| join'");
            default:
                Append(value is JinjaObject item ? $"<{item.Description}>" : "Undefined");
                break;
        }

        _budget.Leave();
    }

    private void WriteMap(JinjaMap map) => WriteItems("{", "}", map.Pairs, pair =>
    {
        Write(pair.Key);
        Append(": ");
        Write(pair.Value);
    });

    private void WriteItems<T>(string open, string close, IEnumerable<T> items, Action<T> write)
    {
        Append(open);
        var first = true;
        foreach (var item in items)
        {
            Append(first ? "" : ", ");
            first = false;
            write(item);
        }

        Append(close);
    }

    private void WriteQuoted(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var point in PythonCase.Points(text))
        {
            _ = point switch
            {
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when point == quote => quoted.Append('\\').Append(quote),
                _ => quoted.Append(PythonCharacters.IsPrintable(point) ? CodePoints.Of(point) : Escape(point)),
            };
        }

        Append(quoted.Append(quote).ToString());
    }

    private static string Escape(int point) => point < 0x100 ? $"\\x{point:x2}" : point < 0x10000 ? $"\\u{point:x4}" : $"\\U{point:x8}";

    private void Append(string text)
    {
        JinjaBudget.CheckLength((long)_text.Length + text.Length);
        _text.Append(text);
    }
}
