using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The functions that every template can call, and the loop variable.</summary>
internal static class JinjaGlobals
{
    private const long MaxRange = 100_000;

    internal static void Define(JinjaScope scope, TimeProvider clock)
    {
        Define("raise_exception", arguments => throw new ChatTemplateException(arguments.Text(0, "message")));
        Define("strftime_now", arguments => FormatTime(arguments.Text(0, "format"), clock.GetLocalNow()));
        Define("namespace", arguments => MakeMap(arguments, true));
        Define("dict", arguments => MakeMap(arguments, false));
        Define("range", Range);

        void Define(string name, JinjaFunction function) => scope.Set(name, function);
    }

    /// <summary>What <c>loop</c> is in one turn.</summary>
    internal static JinjaMap Loop(IReadOnlyList<object?> items, int index) => new()
    {
        ["index"] = index + 1L,
        ["index0"] = (long)index,
        ["revindex"] = (long)(items.Count - index),
        ["revindex0"] = items.Count - index - 1L,
        ["first"] = index == 0,
        ["last"] = index == items.Count - 1,
        ["length"] = (long)items.Count,
        ["previtem"] = index > 0 ? items[index - 1] : new JinjaUndefined("previtem"),
        ["nextitem"] = index < items.Count - 1 ? items[index + 1] : new JinjaUndefined("nextitem"),
        ["cycle"] = new JinjaFunction(arguments => arguments.Positional.Count > 0
            ? arguments.Positional[index % arguments.Positional.Count]
            : throw JinjaOperators.Fault("loop.cycle is given nothing")),
    };

    private static JinjaMap MakeMap(JinjaValues arguments, bool isNamespace)
    {
        var map = new JinjaMap(isNamespace);
        if (arguments.Get(0, "") is JinjaMap given)
        {
            foreach (var (name, value) in given)
            {
                map[name] = value;
            }
        }

        foreach (var (name, value) in arguments.Named)
        {
            map[name] = value;
        }

        return map;
    }

    private static List<object?> Range(JinjaValues arguments)
    {
        var single = arguments.Positional.Count == 1;
        var start = single ? 0 : arguments.Integer(0, "start");
        var stop = single ? arguments.Integer(0, "stop") : arguments.Integer(1, "stop");
        var step = arguments.Integer(2, "step", 1);
        if (step == 0)
        {
            throw JinjaOperators.Fault("a range's step is 0");
        }

        var items = new List<object?>();
        for (var i = (Int128)start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (items.Count == MaxRange)
            {
                throw JinjaOperators.Fault($"a range has more than {MaxRange} numbers");
            }

            items.Add((long)i);
        }

        return items;
    }

    private static string FormatTime(string format, DateTimeOffset now)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var plain = format[i + 1] == '-' && i + 2 < format.Length;
            i += plain ? 2 : 1;
            var part = FormatPart(format[i], now);
            text.Append(plain && part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : part);
        }

        return text.ToString();
    }

    private static string FormatPart(char directive, DateTimeOffset now) => directive switch
    {
        'Y' => now.ToString("yyyy", CultureInfo.InvariantCulture),
        'y' => now.ToString("yy", CultureInfo.InvariantCulture),
        'm' => now.ToString("MM", CultureInfo.InvariantCulture),
        'd' => now.ToString("dd", CultureInfo.InvariantCulture),
        'B' => now.ToString("MMMM", CultureInfo.InvariantCulture),
        'b' => now.ToString("MMM", CultureInfo.InvariantCulture),
        'A' => now.ToString("dddd", CultureInfo.InvariantCulture),
        'a' => now.ToString("ddd", CultureInfo.InvariantCulture),
        'H' => now.ToString("HH", CultureInfo.InvariantCulture),
        'I' => now.ToString("hh", CultureInfo.InvariantCulture),
        'M' => now.ToString("mm", CultureInfo.InvariantCulture),
        'S' => now.ToString("ss", CultureInfo.InvariantCulture),
        'p' => now.ToString("tt", CultureInfo.InvariantCulture),
        'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        '%' => "%",
        _ => throw JinjaOperators.Fault($"strftime_now does not know %{directive}"),
    };
}
