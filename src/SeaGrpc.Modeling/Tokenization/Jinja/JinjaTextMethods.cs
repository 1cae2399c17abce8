using System.Buffers;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The methods of text and mappings, and what filters share with them.</summary>
internal sealed class JinjaTextMethods(JinjaBudget budget)
{
    private static readonly SearchValues<char> Spaces = SearchValues.Create(" \t\n\r\v\f");

    /// <summary>Calls a method.</summary>
    /// <returns>Whether the value has a method of that name.</returns>
    internal bool TryCall(object? target, string name, JinjaValues arguments, out object? result)
    {
        result = target switch
        {
            string text => CallText(budget.Touch(text), name, arguments),
            JinjaMap map => CallMap(budget.Touch(map), name, arguments),
            _ => this,
        };
        return result != this;
    }

    internal static string Capitalize(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    internal static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var c in text)
        {
            title.Append(inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inWord = char.IsLetter(c);
        }

        return title.ToString();
    }

    internal string Replace(string text, string old, string with, long count)
    {
        budget.Search(text, old);
        var parts = new StringBuilder();
        var start = 0;
        for (; count != 0; count--)
        {
            var at = old.Length > 0 ? text.IndexOf(old, start, StringComparison.Ordinal) : -1;
            if (at < 0)
            {
                break;
            }

            JinjaBudget.CheckLength((long)parts.Length + (at - start) + with.Length);
            budget.Spend();
            parts.Append(text, start, at - start).Append(with);
            start = at + old.Length;
        }

        JinjaBudget.CheckLength((long)parts.Length + text.Length - start);
        return parts.Append(text, start, text.Length - start).ToString();
    }

    internal static string Strip(string text, string? characters, bool left, bool right)
    {
        var set = characters?.ToCharArray();
        text = left ? text.TrimStart(set) : text;
        return right ? text.TrimEnd(set) : text;
    }

    private static List<object?> SplitOnSpace(string text, long limit)
    {
        var parts = new List<object?>();
        var rest = text.TrimStart();
        while (rest.Length > 0)
        {
            var end = limit >= 0 && parts.Count == limit ? rest.Length : rest.AsSpan().IndexOfAny(Spaces);
            end = end < 0 ? rest.Length : end;
            parts.Add(rest[..end]);
            rest = rest[end..].TrimStart();
        }

        return parts;
    }

    private static bool Edge(string text, JinjaValues arguments, Func<string, string, bool> matches) =>
        arguments.Get(0, "prefix") is List<object?> list
            ? list.OfType<string>().Any(edge => matches(text, edge))
            : matches(text, arguments.Text(0, "prefix"));

    private object? CallText(string text, string name, JinjaValues arguments) => name switch
    {
        "strip" => Strip(text, arguments.Get(0, "chars") as string, true, true),
        "lstrip" => Strip(text, arguments.Get(0, "chars") as string, true, false),
        "rstrip" => Strip(text, arguments.Get(0, "chars") as string, false, true),
        "upper" => text.ToUpperInvariant(),
        "lower" => text.ToLowerInvariant(),
        "title" => Title(text),
        "capitalize" => Capitalize(text),
        "startswith" => Edge(text, arguments, (whole, edge) => whole.StartsWith(edge, StringComparison.Ordinal)),
        "endswith" => Edge(text, arguments, (whole, edge) => whole.EndsWith(edge, StringComparison.Ordinal)),
        "replace" => Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.Integer(2, "count", -1)),
        "split" => Split(text, arguments, fromRight: false),
        "rsplit" => Split(text, arguments, fromRight: true),
        "splitlines" => budget.Touch(text.Split('\n').Select(line => (object?)line.TrimEnd('\r')).ToList()),
        "find" => (long)text.IndexOf(Searched(text, arguments), StringComparison.Ordinal),
        "rfind" => (long)text.LastIndexOf(Searched(text, arguments), StringComparison.Ordinal),
        "count" => (long)text.AsSpan().Count(Searched(text, arguments)),
        "removeprefix" => text.StartsWith(arguments.Text(0, "prefix"), StringComparison.Ordinal) ? text[arguments.Text(0, "prefix").Length..] : text,
        "removesuffix" => text.EndsWith(arguments.Text(0, "suffix"), StringComparison.Ordinal) ? text[..^arguments.Text(0, "suffix").Length] : text,
        "join" => Join(arguments.Get(0, "items") as List<object?> ?? [], text),
        "isdigit" => text.Length > 0 && text.All(char.IsDigit),
        "isalpha" => text.Length > 0 && text.All(char.IsLetter),
        "isalnum" => text.Length > 0 && text.All(char.IsLetterOrDigit),
        "isspace" => text.Length > 0 && text.All(char.IsWhiteSpace),
        "isupper" => text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "islower" => text.Any(char.IsLower) && !text.Any(char.IsUpper),
        _ => this,
    };

    /// <summary>Items as one text.</summary>
    internal string Join(IEnumerable<object?> items, string separator)
    {
        var joined = new StringBuilder();
        var first = true;
        foreach (var item in items)
        {
            var text = JinjaFormat.ToText(item, budget);
            JinjaBudget.CheckLength((long)joined.Length + text.Length + separator.Length);
            joined.Append(first ? "" : separator).Append(text);
            first = false;
        }

        return joined.ToString();
    }

    /// <summary>A mapping's pairs, each a list of key and value.</summary>
    internal static List<object?> Pairs(JinjaMap map) => [.. map.Select(pair => (object?)new List<object?> { pair.Key, pair.Value })];

    private string Searched(string text, JinjaValues arguments)
    {
        var part = arguments.Text(0, "sub");
        budget.Search(text, part);
        return part;
    }

    private List<object?> Split(string text, JinjaValues arguments, bool fromRight)
    {
        var limit = arguments.Integer(1, "maxsplit", -1);
        if (arguments.Get(0, "sep") is not string separator)
        {
            return fromRight && limit >= 0
                ? throw JinjaOperators.Fault("rsplit is given maxsplit without a separator")
                : budget.Touch(SplitOnSpace(text, limit));
        }

        if (separator.Length == 0)
        {
            throw JinjaOperators.Fault("split is given an empty separator");
        }

        budget.Search(text, separator);
        var parts = text.Split(separator);
        budget.Spend(parts.Length);
        if (limit < 0 || parts.Length <= limit + 1)
        {
            return [.. parts];
        }

        var kept = (int)limit;
        return fromRight
            ? [string.Join(separator, parts[..^kept]), .. parts[^kept..]]
            : [.. parts[..kept], string.Join(separator, parts[kept..])];
    }

    private object? CallMap(JinjaMap map, string name, JinjaValues arguments) => name switch
    {
        "items" => Pairs(map),
        "keys" => map.Keys.Select(key => (object?)key).ToList(),
        "values" => map.Values.ToList(),
        "get" => map.TryGetValue(arguments.Text(0, "key"), out var value) ? value : arguments.Get(1, "default"),
        _ => this,
    };
}
