using System.Numerics;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The filter tojson, like Python's json.dumps. The length of the text is limited.</summary>
internal sealed class JinjaJson
{
    private readonly JinjaBudget _budget;
    private readonly JinjaOperators _operators;
    private readonly JsonStyle _style;
    private readonly StringBuilder _text = new();

    private JinjaJson(JsonStyle style, JinjaOperators operators, JinjaBudget budget)
    {
        _style = style;
        _operators = operators;
        _budget = budget;
    }

    internal static string Write(object? value, JsonStyle style, JinjaOperators operators, JinjaBudget budget)
    {
        var json = new JinjaJson(style, operators, budget);
        json.Write(value, 0);
        return budget.Touch(json._text.ToString());
    }

    private void Write(object? value, int level)
    {
        _budget.Enter();
        switch (value)
        {
            case string text:
                WriteText(text);
                break;
            case JinjaMarkup markup:
                WriteText(markup.Text);
                break;
            case null or bool or long or double or BigInteger:
                Append(Scalar(value));
                break;
            case List<object?> list:
                WriteItems("[", "]", list, level, item => Write(item, level + 1));
                break;
            case JinjaTuple tuple:
                WriteItems("[", "]", tuple.Items, level, item => Write(item, level + 1));
                break;
            case JinjaMap map:
                List<(object? Key, object? Value)> pairs = [.. map.Pairs];
                WriteItems("{", "}", _style.SortsKeys ? _operators.Sort(pairs, pair => pair.Key) : pairs, level, pair =>
                {
                    WriteText(PythonText.Of(pair.Key) ?? (pair.Key is null or bool or long or double or BigInteger
                        ? Scalar(pair.Key)
                        : throw JinjaFault.Because($"{JinjaFault.KindOf(pair.Key)} is not a key of a JSON object")));
                    Append(_style.Colon);
                    Write(pair.Value, level + 1);
                });
                break;
            case JinjaUndefined undefined:
                throw JinjaFault.Because($"tojson is asked for the JSON of '{undefined.Name}', which is undefined");
            default:
                throw JinjaFault.Because($"tojson is asked for the JSON of {JinjaFault.KindOf(value)}");
        }

        _budget.Leave();
    }

    private string Scalar(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        double.NaN => "NaN",
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        _ => JinjaFormat.Repr(value, _budget),
    };

    private void WriteItems<T>(string open, string close, IReadOnlyList<T> items, int level, Action<T> write)
    {
        Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            Append(i == 0 ? "" : _style.Comma);
            NewLine(level + 1);
            write(items[i]);
        }

        if (items.Count > 0)
        {
            NewLine(level);
        }

        Append(close);
    }

    private void NewLine(int level)
    {
        if (_style.Indent is { } indent)
        {
            JinjaBudget.CheckLength((long)indent.Length * level);
            Append("\n" + string.Concat(Enumerable.Repeat(indent, level)));
        }
    }

    private void WriteText(string text)
    {
        var escaped = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                < ' ' => escaped.Append($"\\u{(int)c:x4}"),
                > '~' when _style.EscapesNonAscii => escaped.Append($"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }

        Append(escaped.Append('"').ToString());
    }

    private void Append(string text)
    {
        JinjaBudget.CheckLength((long)_text.Length + text.Length);
        _text.Append(text);
    }
}
