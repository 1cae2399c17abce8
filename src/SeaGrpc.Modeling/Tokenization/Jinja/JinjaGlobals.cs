using System.Collections.Frozen;
using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The functions that every template can call.</summary>
internal sealed class JinjaGlobals(JinjaBudget budget, JinjaOperators operators, TimeProvider clock)
{
    private const long MaxRange = 100_000;

    private static readonly FrozenDictionary<string, Func<JinjaGlobals, JinjaValues, object?>> All = new Dictionary<
        string,
        Func<JinjaGlobals, JinjaValues, object?>
    >
    {
        ["raise_exception"] = (self, arguments) =>
            throw new ChatTemplateException(
                JinjaFormat.ToText(arguments.Expect("raise_exception", 1, "message").Get(0, "message"), self.Budget)
            ),
        ["strftime_now"] = (self, arguments) =>
            PythonTime.Format(arguments.Expect("strftime_now", 1, "format").Text(0, "format"), self.Clock.GetLocalNow().DateTime),
        ["namespace"] = (self, arguments) => self.MakeNamespace(arguments),
        ["dict"] = (self, arguments) => self.Fill(new JinjaMap(), "dict", arguments),
        ["range"] = (_, arguments) => Range(arguments),
        ["cycler"] = (_, arguments) =>
            arguments is { Named.Count: 0, Positional.Count: > 0 }
                ? new JinjaCycler(arguments.Positional)
                : throw JinjaFault.Because("cycler needs at least one item, and no named ones"),
        ["joiner"] = (_, arguments) => new JinjaJoiner(arguments.Expect("joiner", 0, "sep").Get(0, "sep", ", ")),
        ["lipsum"] = (_, arguments) => LoremIpsum.Write(arguments),
    }.ToFrozenDictionary();

    /// <summary>The names of all functions.</summary>
    internal static FrozenSet<string> Names { get; } = FrozenSet.ToFrozenSet(All.Keys);

    private JinjaBudget Budget => budget;

    private TimeProvider Clock => clock;

    internal void Define(JinjaScope scope)
    {
        foreach (var (name, body) in All)
        {
            scope.Set(name, new JinjaFunction($"the function {name}", arguments => body(this, arguments)));
        }
    }

    private JinjaNamespace MakeNamespace(JinjaValues arguments)
    {
        var space = new JinjaNamespace();
        Fill(space.Attributes, "namespace", arguments);
        return space;
    }

    private JinjaMap Fill(JinjaMap map, string name, JinjaValues arguments)
    {
        if (arguments.Positional.Count > 1)
        {
            throw JinjaFault.Because($"'{name}' is given {arguments.Positional.Count} arguments and takes one, and named ones");
        }

        if (arguments.Positional is [JinjaMap given])
        {
            foreach (var (key, value) in budget.Touch(given).Pairs)
            {
                map[key] = value;
            }
        }
        else if (arguments.Positional.Count == 1)
        {
            foreach (var pair in operators.Items(arguments.Positional[0]))
            {
                map[
                    operators.Items(pair) is [var key, var value]
                        ? key
                        : throw JinjaFault.Because($"'{name}' is given items that are not pairs")] = value;
            }
        }

        foreach (var (key, value) in arguments.Named)
        {
            map[key] = value;
        }

        return map;
    }

    private static JinjaRange Range(JinjaValues arguments)
    {
        arguments.Expect("range", 1, 3);
        var single = arguments.Positional.Count == 1;
        var start = single ? 0 : arguments.Integer(0, "start");
        var stop = single ? arguments.Integer(0, "stop") : arguments.Integer(1, "stop");
        var step = arguments.Integer(2, "step", 1);
        if (step == 0)
        {
            throw JinjaFault.Because("a range's step is 0");
        }

        var count = BigInteger.Max(0, (((BigInteger)stop - start) / step) + 1);
        return count <= MaxRange + 1 && new JinjaRange(start, stop, step) is var range && range.Count <= MaxRange
            ? range
            : throw JinjaFault.Because($"a range has more than {MaxRange} numbers");
    }
}
