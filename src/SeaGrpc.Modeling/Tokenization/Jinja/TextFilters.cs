using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Filters of text, and tojson.</summary>
internal sealed class TextFilters(JinjaBudget budget, JinjaOperators operators)
{
    internal object Change(string filter, object? value, JinjaValues arguments, Func<string, string> change)
    {
        arguments.Expect(filter, 0, 0);
        return Like(value, change(Text(value)));
    }

    internal object Trim(object? value, JinjaValues arguments) =>
        Like(value, PythonText.Strip(Text(value), arguments.Expect("trim", 0, "chars").TextOrNone(0, "chars"), true, true));

    internal object ToText(object? value, JinjaValues arguments)
    {
        arguments.Expect("string", 0, 0);
        return Like(value, Text(value));
    }

    internal object Mark(object? value, JinjaValues arguments)
    {
        arguments.Expect("safe", 0, 0);
        return new JinjaMarkup(Text(value));
    }

    internal object Escape(object? value, JinjaValues arguments)
    {
        arguments.Expect("escape", 0, 0);
        return value as JinjaMarkup ?? new JinjaMarkup(JinjaMarkup.Escape(Text(value)));
    }

    internal object ForceEscape(object? value, JinjaValues arguments)
    {
        arguments.Expect("forceescape", 0, 0);
        return new JinjaMarkup(JinjaMarkup.Escape(Text(value)));
    }

    internal string ToJson(object? value, JinjaValues arguments)
    {
        arguments.Expect("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = arguments.Get(1, "indent") switch
        {
            null => null,
            string prefix => prefix,
            var width when PythonNumbers.Of(width) is long spaces and <= 64 => new string(' ', (int)Math.Max(0, spaces)),
            _ => throw JinjaFault.Because("the indent of tojson must be text or a number up to 64"),
        };
        IReadOnlyList<object?>? separators = arguments.Get(2, "separators") switch
        {
            null => [indent is null ? ", " : ",", ": "],
            List<object?> list => list,
            JinjaTuple tuple => tuple.Items,
            _ => null,
        };
        if (separators is not [string comma, string colon])
        {
            throw JinjaFault.Because("the separators of tojson must be two texts");
        }

        var style = new JsonStyle(arguments.Truth(0, "ensure_ascii"), indent, comma, colon, arguments.Truth(3, "sort_keys"));
        return JinjaJson.Write(value, style, operators, budget);
    }

    internal object Center(object? value, JinjaValues arguments) =>
        Like(value, PythonText.Pad(Text(value), arguments.Expect("center", 0, "width").Integer(0, "width", 80), " ", true, true));

    /// <summary>Unlike the method title, the filter starts words only after white space and certain brackets.</summary>
    internal string Title(object? value, JinjaValues arguments)
    {
        arguments.Expect("title", 0, 0);
        var title = new StringBuilder();
        var word = new StringBuilder();
        foreach (var c in CodePoints.Of(Text(value)))
        {
            // A run of such characters is a word of its own.
            if (word.Length > 0 && EndsWord(c) != EndsWord(word.ToString(0, 1)))
            {
                Flush();
            }

            word.Append(c);
        }

        Flush();
        return title.ToString();

        void Flush()
        {
            var text = word.ToString();
            var first = text.Length == 0 ? "" : CodePoints.Of(text).First();
            title.Append(PythonCase.Upper(first)).Append(PythonCase.Lower(text[first.Length..]));
            word.Clear();
        }

        static bool EndsWord(string c) => c.Length == 1 && (PythonCharacters.IsSpace(c[0]) || c[0] is '-' or '(' or '{' or '[' or '<');
    }

    internal object Replace(object? value, JinjaValues arguments)
    {
        arguments.Expect("replace", 2, "old", "new", "count");
        var count = arguments.Get(2, "count") is null ? -1 : arguments.Integer(2, "count");
        return PythonText.Replace(Text(value), Text(arguments.Get(0, "old")), Text(arguments.Get(1, "new")), count, budget);
    }

    internal object Indent(object? value, JinjaValues arguments)
    {
        arguments.Expect("indent", 0, "width", "first", "blank");
        var width = arguments.Get(0, "width", 4L);
        var prefix = PythonText.Of(width) ?? (PythonNumbers.Of(width) is long count and <= 65_536
            ? new string(' ', (int)Math.Max(0, count))
            : throw JinjaFault.Because("the width of indent must be text or a number up to 65536"));
        var text = PythonText.Of(value) ?? throw Wrong("indent", value);
        var blank = arguments.Truth(2, "blank");
        var lines = PythonText.Lines(budget.Touch(text) + "\n", keepsEnds: false);
        var indented = lines.Select((line, i) => i > 0 && (blank || line.Length > 0) ? prefix + line : line);
        JinjaBudget.CheckLength(text.Length + ((long)prefix.Length * (lines.Count + 1)));
        return Like(value, (arguments.Truth(1, "first") ? prefix : "") + string.Join('\n', indented));
    }

    internal object? Truncate(object? value, JinjaValues arguments)
    {
        arguments.Expect("truncate", 0, "length", "killwords", "end", "leeway");
        var (length, end) = (arguments.Integer(0, "length", 255), arguments.Text(2, "end", "..."));
        var leeway = arguments.Get(3, "leeway") is null ? 5 : arguments.Integer(3, "leeway");
        var kept = length - CodePoints.Count(end);
        if (kept < 0 || leeway < 0)
        {
            throw JinjaFault.Because("truncate is given a length shorter than its end, or a negative leeway");
        }

        // Values that are short enough stay unchanged, even lists.
        var text = PythonText.Of(value);
        if (value is not JinjaIterator && (text is null ? operators.Items(value).Count : CodePoints.Count(text)) <= length + leeway)
        {
            return value;
        }

        text = text ?? throw Wrong("truncate", value);

        var cut = text[..CodePoints.ToUnits(text, kept)];
        return arguments.Truth(1, "killwords") || !cut.Contains(' ') ? cut + end : cut[..cut.LastIndexOf(' ')] + end;
    }

    internal object Format(object? value, JinjaValues arguments)
    {
        if (arguments.Named.Count > 0 && arguments.Positional.Count > 0)
        {
            throw JinjaFault.Because("the filter 'format' takes arguments by place or by name, and not both");
        }

        if (arguments.Named.Count == 0)
        {
            return operators.Apply("%", Like(value, Text(value)), new JinjaTuple(arguments.Positional))!;
        }

        var named = new JinjaMap();
        foreach (var (name, item) in arguments.Named)
        {
            named[name] = item;
        }

        return operators.Apply("%", Like(value, Text(value)), named)!;
    }

    internal long CountWords(object? value, JinjaValues arguments)
    {
        arguments.Expect("wordcount", 0, 0);
        var (count, inWord) = (0L, false);
        foreach (var c in PythonCase.Points(Text(value)))
        {
            var belongs = c == '_' || PythonCharacters.IsAlnum(c);
            count += belongs && !inWord ? 1 : 0;
            inWord = belongs;
        }

        return count;
    }

    internal string EncodeUrl(object? value, JinjaValues arguments)
    {
        arguments.Expect("urlencode", 0, 0);
        var pairs = value switch
        {
            JinjaMap map => map.Items(),
            List<object?> or JinjaTuple or JinjaView or JinjaRange or JinjaIterator or JinjaUndefined => operators.Items(value),
            _ => null,
        };
        return pairs is null
            ? Quote(Text(value), inQuery: false)
            : string.Join('&', pairs.Select(pair => operators.Items(pair) is [var key, var item]
                ? $"{Quote(Text(key), true)}={Quote(Text(item), true)}"
                : throw JinjaFault.Because("urlencode is given something that is not a pair")));
    }

    private static string Quote(string text, bool inQuery)
    {
        var quoted = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)b;
            _ =
                char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || (c == '/' && !inQuery) ? quoted.Append(c)
                : c == ' ' && inQuery ? quoted.Append('+')
                : quoted.Append($"%{b:X2}");
        }

        return quoted.ToString();
    }

    private string Text(object? value) => budget.Touch(JinjaFormat.ToText(value, budget));

    private static object Like(object? value, string text) => value is JinjaMarkup ? new JinjaMarkup(text) : text;

    private static ChatTemplateException Wrong(string filter, object? value) =>
        value is JinjaUndefined undefined
            ? undefined.Fault()
            : JinjaFault.Because($"the filter '{filter}' has no meaning for {JinjaFault.KindOf(value)}");
}
