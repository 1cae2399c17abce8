using System.Globalization;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The filters that stand after <c>|</c>.</summary>
internal sealed class JinjaFilters(JinjaBudget budget, JinjaOperators operators, JinjaTests tests, JinjaTextMethods methods)
{
    internal object? Apply(string name, object? value, JinjaValues arguments)
    {
        budget.Enter();
        var result = budget.Touch(name switch
        {
            "default" or "d" => IsMissing(value, arguments) ? arguments.Get(0, "default_value", "") : value,
            "tojson" => JinjaFormat.ToJson(value, JsonStyle(arguments), budget),
            "string" => JinjaFormat.ToText(value, budget),
            "safe" => value,
            "length" or "count" => Length(value),
            "list" => operators.Items(value).ToList(),
            "first" => operators.Items(value) is [var first, ..] ? first : new JinjaUndefined("first"),
            "last" => operators.Items(value) is [.., var last] ? last : new JinjaUndefined("last"),
            "join" => Join(value, arguments),
            "reverse" => Reverse(value),
            "unique" => Unique(value),
            "sort" => Sort(value, arguments),
            "items" => value is JinjaMap map ? JinjaTextMethods.Pairs(map) : value is JinjaUndefined ? [] : throw Wrong(name, value),
            "dictsort" => value is JinjaMap map
                ? JinjaTextMethods.Pairs(map).OrderBy(pair => (string)((List<object?>)pair!)[0]!, StringComparer.OrdinalIgnoreCase).ToList()
                : throw Wrong(name, value),
            "select" => Select(value, arguments, true),
            "reject" => Select(value, arguments, false),
            "selectattr" => SelectAttribute(value, arguments, true),
            "rejectattr" => SelectAttribute(value, arguments, false),
            "map" => Map(value, arguments),
            "int" => ToInteger(value, arguments.Get(0, "default", 0L)),
            "float" => ToFloat(value, arguments.Get(0, "default", 0.0)),
            "round" => Round(value, arguments),
            "sum" => operators.Items(value).Aggregate(arguments.Get(1, "start", 0L), (sum, item) => operators.Apply("+", sum, SumItem(item, arguments))),
            "min" => operators.Items(value) is { Count: > 0 } items ? items.MinBy(item => item, Order) : new JinjaUndefined("min"),
            "max" => operators.Items(value) is { Count: > 0 } items ? items.MaxBy(item => item, Order) : new JinjaUndefined("max"),
            "abs" => operators.Compare(value, 0L) < 0 ? JinjaOperators.Negate(value) : value,
            _ => ApplyText(name, value, arguments),
        });
        budget.Leave();
        return result;
    }

    private static bool IsMissing(object? value, JinjaValues arguments) =>
        value is JinjaUndefined || (JinjaOperators.IsTrue(arguments.Get(1, "boolean", false)) && !JinjaOperators.IsTrue(value));

    private static JsonStyle JsonStyle(JinjaValues arguments)
    {
        // The arguments of transformers' filter, in its order.
        int? indent = arguments.Get(1, "indent") switch
        {
            null => null,
            long width and >= 0 and <= 64 => (int)width,
            _ => throw JinjaOperators.Fault("the indent of tojson must be from 0 to 64"),
        };
        var (comma, colon) = arguments.Get(2, "separators") switch
        {
            null => (indent is null ? ", " : ",", ": "),
            List<object?> and [string first, string second] => (first, second),
            _ => throw JinjaOperators.Fault("the separators of tojson must be two texts"),
        };
        return new JsonStyle(
            JinjaOperators.IsTrue(arguments.Get(0, "ensure_ascii", false)), indent, comma, colon,
            JinjaOperators.IsTrue(arguments.Get(3, "sort_keys", false)));
    }

    private Comparer<object?> Order => Comparer<object?>.Create(operators.Compare);

    private object? SumItem(object? item, JinjaValues arguments) =>
        arguments.Get(0, "attribute") is string attribute ? Attribute(item, attribute) : item;

    private static object Round(object? value, JinjaValues arguments)
    {
        if (value is long && arguments.Text(1, "method", "common") == "common")
        {
            return value;
        }

        var number = ToFloat(value, null) as double? ?? throw Wrong("round", value);
        var scale = Math.Pow(10, Math.Clamp(arguments.Integer(0, "precision", 0), -300, 300));
        return arguments.Text(1, "method", "common") switch
        {
            "common" => Math.Round(number * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            var other => throw JinjaOperators.Fault($"round does not know the method '{other}'"),
        };
    }

    private static object? ToInteger(object? value, object? otherwise) => value switch
    {
        long => value,
        bool truth => truth ? 1L : 0L,
        double and > -9.2e18 and < 9.2e18 => (long)(double)value,
        string text when long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => otherwise,
    };

    private static object? ToFloat(object? value, object? otherwise) => value switch
    {
        double => value,
        long number => (double)number,
        string text when double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => otherwise,
    };

    private static ChatTemplateException Wrong(string filter, object? value) =>
        JinjaOperators.Fault($"the filter '{filter}' has no meaning for {JinjaOperators.KindOf(value)}");

    private string ApplyText(string name, object? value, JinjaValues arguments)
    {
        if (name is not ("trim" or "upper" or "lower" or "capitalize" or "title" or "replace" or "indent" or "escape" or "e"))
        {
            throw JinjaOperators.Fault($"the filter '{name}' is not supported");
        }

        var text = budget.Touch(JinjaFormat.ToText(value, budget));
        return name switch
        {
            "trim" => JinjaTextMethods.Strip(text, arguments.Get(0, "chars") as string, true, true),
            "upper" => text.ToUpperInvariant(),
            "lower" => text.ToLowerInvariant(),
            "capitalize" => JinjaTextMethods.Capitalize(text),
            "title" => TitleWords(text),
            "replace" => methods.Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.Integer(2, "count", -1)),
            "indent" => IndentLines(text, arguments),
            _ => Escape(text),
        };
    }

    // Unlike the method title, the filter begins words only after these.
    private static string TitleWords(string text)
    {
        var words = text.ToLowerInvariant().ToCharArray();
        for (var i = 0; i < words.Length; i++)
        {
            if (i == 0 || char.IsWhiteSpace(words[i - 1]) || words[i - 1] is '-' or '(' or '{' or '[' or '<')
            {
                words[i] = char.ToUpperInvariant(words[i]);
            }
        }

        return new string(words);
    }

    private string Escape(string text)
    {
        foreach (var (symbol, entity) in (ReadOnlySpan<(string, string)>)
            [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&#34;"), ("'", "&#39;")])
        {
            text = methods.Replace(text, symbol, entity, -1);
        }

        return text;
    }

    private string IndentLines(string text, JinjaValues arguments)
    {
        var width = arguments.Get(0, "width", 4L) switch
        {
            string prefix => prefix,
            long count and >= 0 and <= 1024 => new string(' ', (int)count),
            _ => throw JinjaOperators.Fault("the width of indent must be text or from 0 to 1024"),
        };
        var first = JinjaOperators.IsTrue(arguments.Get(1, "first", false));
        var blank = JinjaOperators.IsTrue(arguments.Get(2, "blank", false));
        return methods.Join(
            text.Split('\n').Select((line, i) => (object?)((i == 0 ? first : blank || line.Length > 0) ? width + line : line)), "\n");
    }

    private long Length(object? value) => value switch
    {
        string text => operators.Characters(text).Count,
        List<object?> list => list.Count,
        JinjaMap map => map.Count,
        JinjaUndefined => 0,
        _ => throw Wrong("length", value),
    };

    private string Join(object? value, JinjaValues arguments)
    {
        IEnumerable<object?> items = operators.Items(value);
        if (arguments.Get(1, "attribute") is string attribute)
        {
            items = items.Select(item => Attribute(item, attribute));
        }

        return methods.Join(items, arguments.Text(0, "d", ""));
    }

    private object? Reverse(object? value)
    {
        var items = operators.Items(value).ToList();
        items.Reverse();
        return value is string ? string.Concat(items) : items;
    }

    private List<object?> Unique(object? value)
    {
        var unique = new List<object?>();
        foreach (var item in operators.Items(value))
        {
            if (!unique.Exists(other => operators.AreEqual(other, item)))
            {
                unique.Add(item);
            }
        }

        return unique;
    }

    private List<object?> Sort(object? value, JinjaValues arguments)
    {
        var attribute = arguments.Get(2, "attribute") as string;
        var exact = JinjaOperators.IsTrue(arguments.Get(1, "case_sensitive", false));
        var items = operators.Items(value).Select(item => (Item: item, Key: Key(item)));
        var sorted = JinjaOperators.IsTrue(arguments.Get(0, "reverse", false))
            ? items.OrderByDescending(pair => pair.Key, Order)
            : items.OrderBy(pair => pair.Key, Order);
        return [.. sorted.Select(pair => pair.Item)];

        object? Key(object? item)
        {
            var key = attribute is null ? item : Attribute(item, attribute);
            return key is string text && !exact ? text.ToLowerInvariant() : key;
        }
    }

    private List<object?> Select(object? value, JinjaValues arguments, bool wanted) =>
        [.. operators.Items(value).Where(item => Passes(item, arguments, 0) == wanted)];

    private List<object?> SelectAttribute(object? value, JinjaValues arguments, bool wanted)
    {
        var attribute = arguments.Text(0, "attribute");
        return [.. operators.Items(value).Where(item => Passes(Attribute(item, attribute), arguments, 1) == wanted)];
    }

    private bool Passes(object? item, JinjaValues arguments, int place) => arguments.Positional.Count > place
        ? tests.Apply(arguments.Text(place, "test"), item, Rest(arguments, place + 1))
        : JinjaOperators.IsTrue(item);

    private List<object?> Map(object? value, JinjaValues arguments)
    {
        var items = operators.Items(value);
        if (arguments.Named.TryGetValue("attribute", out var attribute))
        {
            var otherwise = arguments.Named.GetValueOrDefault("default", new JinjaUndefined("attribute"));
            var values = items.Select(item => Attribute(item, attribute as string ?? ""));
            return [.. values.Select(found => found is JinjaUndefined ? otherwise : found)];
        }

        var filter = arguments.Text(0, "filter");
        return [.. items.Select(item => Apply(filter, item, Rest(arguments, 1)))];
    }

    private static JinjaValues Rest(JinjaValues arguments, int from) =>
        arguments with { Positional = [.. arguments.Positional.Skip(from)] };

    private object? Attribute(object? item, string path)
    {
        foreach (var name in path.Split('.'))
        {
            item = operators.Index(item, name);
        }

        return item;
    }
}
