using System.Collections.Frozen;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The methods of text.</summary>
internal sealed class TextMethods(JinjaBudget budget)
{
    private static readonly FrozenDictionary<string, Func<TextMethods, string, JinjaValues, object?>> All = new Dictionary<
        string,
        Func<TextMethods, string, JinjaValues, object?>
    >
    {
        ["capitalize"] = Plain(PythonCase.Capitalize),
        ["casefold"] = Plain(PythonCase.Fold),
        ["lower"] = Plain(PythonCase.Lower),
        ["swapcase"] = Plain(PythonCase.Swap),
        ["title"] = Plain(PythonCase.Title),
        ["upper"] = Plain(PythonCase.Upper),
        ["isalnum"] = Plain(text => PythonText.All(text, PythonCharacters.IsAlnum)),
        ["isalpha"] = Plain(text => PythonText.All(text, PythonCharacters.IsAlpha)),
        ["isascii"] = Plain(text => text.All(char.IsAscii)),
        ["isdecimal"] = Plain(text => PythonText.All(text, PythonCharacters.IsDecimal)),
        ["isdigit"] = Plain(text => PythonText.All(text, PythonCharacters.IsDigit)),
        ["isidentifier"] = Plain(text =>
            PythonText.All(text, PythonCharacters.ContinuesIdentifier)
            && PythonCharacters.BeginsIdentifier(char.ConvertToUtf32(text + "\0", 0))
        ),
        ["islower"] = Plain(text => PythonCase.AllAre(text, PythonCharacters.IsLower, PythonCharacters.IsUpper)),
        ["isnumeric"] = Plain(text => PythonText.All(text, PythonCharacters.IsNumeric)),
        ["isprintable"] = Plain(text => PythonCase.Points(text).TrueForAll(PythonCharacters.IsPrintable)),
        ["isspace"] = Plain(text => PythonText.All(text, PythonCharacters.IsSpace)),
        ["istitle"] = Plain(PythonCase.IsTitled),
        ["isupper"] = Plain(text => PythonCase.AllAre(text, PythonCharacters.IsUpper, PythonCharacters.IsLower)),
        ["strip"] = (_, text, arguments) => Strip("strip", text, arguments, true, true),
        ["lstrip"] = (_, text, arguments) => Strip("lstrip", text, arguments, true, false),
        ["rstrip"] = (_, text, arguments) => Strip("rstrip", text, arguments, false, true),
        ["center"] = (_, text, arguments) => Pad("center", text, arguments, true, true),
        ["ljust"] = (_, text, arguments) => Pad("ljust", text, arguments, false, true),
        ["rjust"] = (_, text, arguments) => Pad("rjust", text, arguments, true, false),
        ["zfill"] = (_, text, arguments) => PythonText.FillZeros(text, arguments.Expect("zfill", 1, 1).Integer(0, "width")),
        ["expandtabs"] = (_, text, arguments) =>
            PythonText.ExpandTabs(text, arguments.Expect("expandtabs", 0, "tabsize").Integer(0, "tabsize", 8)),
        ["startswith"] = (_, text, arguments) =>
            HasEdge("startswith", text, arguments, (part, edge) => part.StartsWith(edge, StringComparison.Ordinal)),
        ["endswith"] = (_, text, arguments) =>
            HasEdge("endswith", text, arguments, (part, edge) => part.EndsWith(edge, StringComparison.Ordinal)),
        ["removeprefix"] = (_, text, arguments) =>
            arguments.Expect("removeprefix", 1, 1).Text(0, "prefix") is var prefix && text.StartsWith(prefix, StringComparison.Ordinal)
                ? text[prefix.Length..]
                : text,
        ["removesuffix"] = (_, text, arguments) =>
            arguments.Expect("removesuffix", 1, 1).Text(0, "suffix") is var suffix && text.EndsWith(suffix, StringComparison.Ordinal)
                ? text[..^suffix.Length]
                : text,
        ["replace"] = (self, text, arguments) => self.Replace(text, arguments.Expect("replace", 2, 3)),
        ["find"] = (self, text, arguments) => self.Find("find", text, arguments, fromRight: false),
        ["rfind"] = (self, text, arguments) => self.Find("rfind", text, arguments, fromRight: true),
        ["index"] = (self, text, arguments) => Present(self.Find("index", text, arguments, fromRight: false)),
        ["rindex"] = (self, text, arguments) => Present(self.Find("rindex", text, arguments, fromRight: true)),
        ["count"] = (self, text, arguments) => self.Count(text, arguments),
        ["split"] = (self, text, arguments) => self.Split("split", text, arguments, fromRight: false),
        ["rsplit"] = (self, text, arguments) => self.Split("rsplit", text, arguments, fromRight: true),
        ["splitlines"] = (_, text, arguments) =>
            AsList(PythonText.Lines(text, arguments.Expect("splitlines", 0, "keepends").Integer(0, "keepends", 0) != 0)),
        ["partition"] = (self, text, arguments) => self.Partition("partition", text, arguments, fromRight: false),
        ["rpartition"] = (self, text, arguments) => self.Partition("rpartition", text, arguments, fromRight: true),
        ["join"] = (self, text, arguments) => self.Join(text, arguments),
        ["format"] = (self, text, arguments) => new BraceFormat(self.Budget, arguments).Apply(text),
        ["format_map"] = (self, text, arguments) =>
            arguments.Expect("format_map", 1, 1).Get(0, "mapping") is JinjaMap map
                ? new BraceFormat(self.Budget, JinjaValues.None, map).Apply(text)
                : throw JinjaFault.Because("format_map is given something that is not a mapping"),
    }.ToFrozenDictionary();

    // For text that is marked as safe, these return marked text and escape their arguments.
    private static readonly FrozenSet<string> Marked = FrozenSet.ToFrozenSet(
        ["capitalize", "title", "lower", "upper", "replace", "ljust", "rjust", "lstrip", "rstrip", "center", "strip", "expandtabs",
            "swapcase", "zfill",
            "casefold", "removeprefix", "removesuffix", "join", "split", "rsplit", "splitlines", "partition", "rpartition"]);

    internal static IEnumerable<string> Names => All.Keys;

    private JinjaBudget Budget => budget;

    internal bool TryGet(string text, bool isMarked, string name, out object? method)
    {
        method = null;
        if (!All.TryGetValue(name, out var body))
        {
            return false;
        }

        method = new JinjaFunction($"the method {name} of text", arguments =>
        {
            budget.Touch(text);
            if (!isMarked || !Marked.Contains(name))
            {
                return isMarked && name.StartsWith("format", StringComparison.Ordinal)
                    ? throw JinjaFault.Because("format of text that is marked as safe is not supported")
                    : body(this, text, arguments);
            }

            var escapes = name is not ("split" or "rsplit" or "splitlines" or "removeprefix" or "removesuffix");
            return Mark(body(this, text, escapes ? arguments with { Positional = [.. arguments.Positional.Select(Escape)] } : arguments));
        });
        return true;
    }

    /// <summary>Joins items into one text. All must be text.</summary>
    internal string Join(string separator, IReadOnlyList<string> items)
    {
        JinjaBudget.CheckLength(items.Sum(item => (long)item.Length + separator.Length));
        return budget.Touch(string.Join(separator, items));
    }

    private static object? Escape(object? value) => value switch
    {
        string text => JinjaMarkup.Escape(text),
        List<object?> list => list.Select(item => item is string text ? JinjaMarkup.Escape(text) : item).ToList(),
        JinjaTuple tuple => new JinjaTuple([.. tuple.Items.Select(item => item is string text ? JinjaMarkup.Escape(text) : item)]),
        JinjaIterator => throw JinjaFault.Because("a method of text that is marked as safe is given an iterator: append '| list'"),
        _ => value,
    };

    private static object? Mark(object? value) => value switch
    {
        string text => new JinjaMarkup(text),
        List<object?> list => list.Select(Mark).ToList(),
        JinjaTuple tuple => new JinjaTuple([.. tuple.Items.Select(Mark)]),
        _ => value,
    };

    private static Func<TextMethods, string, JinjaValues, object?> Plain<T>(Func<string, T> body) => (_, text, arguments) =>
    {
        arguments.Expect("a method of text", 0, 0);
        return body(text);
    };

    private static List<object?> AsList(IEnumerable<string> parts) => [.. parts];

    private static string Strip(string name, string text, JinjaValues arguments, bool left, bool right) =>
        PythonText.Strip(text, arguments.Expect(name, 0, 1).TextOrNone(0, "chars"), left, right);

    private static string Pad(string name, string text, JinjaValues arguments, bool left, bool right)
    {
        arguments.Expect(name, 1, 2);
        var fill = arguments.Text(1, "fillchar", " ");
        return CodePoints.Count(fill) == 1
            ? PythonText.Pad(text, arguments.Integer(0, "width"), fill, left, right)
            : throw JinjaFault.Because($"{name} fills with one character, and is given '{fill}'");
    }

    private static object Present(long place) => place >= 0 ? place : throw JinjaFault.Because("index does not find the text");

    private static bool HasEdge(string name, string text, JinjaValues arguments, Func<string, string, bool> matches)
    {
        arguments.Expect(name, 1, 3);
        IReadOnlyList<string> edges = arguments.Get(0, "prefix") is JinjaTuple tuple
            ?
            [
                .. tuple.Items.Select(edge =>
                    PythonText.Of(edge) ?? throw JinjaFault.Because($"{name} is given a tuple with {JinjaFault.KindOf(edge)} in it")
                ),
            ]
            : [arguments.Text(0, "prefix")];
        return Range(text, arguments) is { } range && edges.Any(edge => matches(text[range.Start..range.End], edge));
    }

    private static (int Start, int End)? Range(string text, JinjaValues arguments) =>
        CodePoints.Range(text, Bound(arguments, 1, "start"), Bound(arguments, 2, "end"));

    private static long? Bound(JinjaValues arguments, int index, string name) =>
        arguments.Get(index, name) is null ? null : PythonNumbers.Clamp(arguments.Get(index, name), name);

    private string Replace(string text, JinjaValues arguments) =>
        PythonText.Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.Integer(2, "count", -1), budget);

    private long Find(string name, string text, JinjaValues arguments, bool fromRight)
    {
        var part = arguments.Expect(name, 1, 3).Text(0, "sub");
        budget.Search(text, part);
        if (Range(text, arguments) is not { } range)
        {
            return -1;
        }

        var span = text.AsSpan(range.Start..range.End);
        var at = fromRight
            ? (part.Length == 0 ? span.Length : span.LastIndexOf(part, StringComparison.Ordinal))
            : span.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1 : CodePoints.FromUnits(text, range.Start + at);
    }

    private object Count(string text, JinjaValues arguments)
    {
        var part = arguments.Expect("count", 1, 3).Text(0, "sub");
        budget.Search(text, part);
        if (Range(text, arguments) is not { } range)
        {
            return 0L;
        }

        var span = text[range.Start..range.End];
        return part.Length == 0 ? CodePoints.Count(span) + 1L : (long)span.AsSpan().Count(part);
    }

    private List<object?> Split(string name, string text, JinjaValues arguments, bool fromRight)
    {
        arguments.Expect(name, 0, "sep", "maxsplit");
        var limit = arguments.Integer(1, "maxsplit", -1);
        if (arguments.TextOrNone(0, "sep") is not { } separator)
        {
            return budget.Touch(AsList(PythonText.Words(text, limit, fromRight)));
        }

        budget.Search(text, separator);
        return budget.Touch(AsList(PythonText.Split(text, separator, limit, fromRight)));
    }

    private JinjaTuple Partition(string name, string text, JinjaValues arguments, bool fromRight)
    {
        var separator = arguments.Expect(name, 1, 1).Text(0, "sep");
        budget.Search(text, separator);
        var parts = PythonText.Split(text, separator, 1, fromRight);
        return new JinjaTuple(parts.Count == 2 ? [parts[0], separator, parts[1]] : fromRight ? ["", "", text] : [text, "", ""]);
    }

    private string Join(string separator, JinjaValues arguments)
    {
        var items = new JinjaOperators(budget).Items(arguments.Expect("join", 1, 1).Get(0, "iterable"));
        return Join(separator, [.. items.Select(item => PythonText.Of(item)
            ?? throw (
                item is JinjaUndefined undefined
                    ? undefined.Fault()
                    : JinjaFault.Because($"join is given {JinjaFault.KindOf(item)} among its items")))]);
    }
}
