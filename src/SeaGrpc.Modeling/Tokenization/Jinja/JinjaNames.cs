using System.Collections.Frozen;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>
/// Checks during parsing that every filter, test, function and method in a template exists, even in branches that never run.
/// </summary>
internal sealed class JinjaNames
{
    // The variables of a conversation. None of them can be called; calling one fails at rendering.
    private static readonly string[] Variables = ["messages", "tools", "documents", "add_generation_prompt", "loop"];

    // Jinja's own filters that are not supported, because their output is not the same everywhere.
    private static readonly FrozenSet<string> LeftOut = FrozenSet.ToFrozenSet(["pprint", "striptags", "urlize", "wordwrap", "xmlattr"]);

    private readonly HashSet<string> _defined = new(Variables, StringComparer.Ordinal);
    private readonly Dictionary<string, int> _mentions = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Line)> _functions = [];
    private readonly List<(string Name, int Line)> _methods = [];

    /// <summary>Records a variable, macro or parameter of the template, or a name that it tests with <c>is defined</c>.</summary>
    internal void Define(string name) => _defined.Add(name);

    /// <summary>Records a key or attribute of the template, which may hold a macro.</summary>
    internal void Mention(string name) => _mentions[name] = _mentions.GetValueOrDefault(name) + 1;

    /// <summary>Records that a text is an index after all: it reads a key and does not create one.</summary>
    internal void MentionedAsIndex(string name) => _mentions[name]--;

    internal void CallFunction(string name, int line) => _functions.Add((name, line));

    internal void CallMethod(string name, int line) => _methods.Add((name, line));

    internal static void CheckFilter(string name, int line) => Check("filter", name, line, JinjaFilters.Names);

    internal static void CheckTest(string name, int line) => Check("test", name, line, JinjaTests.Names);

    /// <summary>Checks a filter or test that is passed by name to a filter such as map or select.</summary>
    internal static void CheckArguments(string filter, JinjaArguments arguments, int line)
    {
        var place = filter is "selectattr" or "rejectattr" ? 1 : 0;
        if (filter is "map" or "select" or "reject" or "selectattr" or "rejectattr"
            && arguments.Positional.Count > place && arguments.Positional[place] is JinjaLiteral { Value: string name })
        {
            Check(filter == "map" ? "filter" : "test", name, line, filter == "map" ? JinjaFilters.Names : JinjaTests.Names);
        }
    }

    /// <summary>Runs the checks that need the whole template.</summary>
    internal void CheckCalls()
    {
        foreach (var (name, line) in _functions.Where(call => !_defined.Contains(call.Name)))
        {
            Check("function", name, line, JinjaGlobals.Names, _defined);
        }

        foreach (var (name, line) in _methods.Where(call => _mentions.GetValueOrDefault(call.Name) == 0))
        {
            Check("method", name, line, JinjaMethods.Names);
        }
    }

    private static void Check(string kind, string name, int line, FrozenSet<string> known, IEnumerable<string>? more = null)
    {
        if (known.Contains(name))
        {
            return;
        }

        var nearest = known.Concat(more ?? [])
            .OrderBy(other => Distance(name, other))
            .ThenBy(other => other, StringComparer.Ordinal)
            .First();
        var hint = kind == "filter" && LeftOut.Contains(name) ? "" : $"; the nearest known one is '{nearest}'";
        throw new ChatTemplateException($"The chat template is wrong in line {line}: the {kind} '{name}' is not supported{hint}.");
    }

    // Levenshtein distance: number of characters to change, add or remove.
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
