using System.Collections.Frozen;
using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The methods of text, lists, tuples, mappings and numbers, and their names.</summary>
internal sealed class JinjaMethods(JinjaBudget budget)
{
    private static readonly string[] OfMaps = ["copy", "get", "items", "keys", "values"];
    private static readonly string[] OfLists = ["copy", "count", "index"];
    private static readonly string[] OfNumbers = ["bit_length", "conjugate", "denominator", "imag", "is_integer", "numerator", "real"];
    private static readonly string[] OfObjects = ["cycle", "changed", "next", "reset"];

    // Methods of Python that change a value, which the sandbox in transformers forbids.
    private static readonly FrozenSet<string> ForbiddenOfLists = FrozenSet.ToFrozenSet(
        ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"]);

    private static readonly FrozenSet<string> ForbiddenOfMaps = FrozenSet.ToFrozenSet(["clear", "pop", "popitem", "setdefault", "update"]);

    private readonly TextMethods _text = new(budget);

    /// <summary>The names of all methods, including those that the sandbox forbids.</summary>
    internal static FrozenSet<string> Names { get; } =
        FrozenSet.ToFrozenSet([
            .. TextMethods.Names,
            .. OfMaps,
            .. OfLists,
            .. OfNumbers,
            .. OfObjects,
            .. ForbiddenOfLists,
            .. ForbiddenOfMaps,
        ]);

    internal bool TryGet(object? target, string name, out object? value)
    {
        value = null;
        return target switch
        {
            List<object?> => ForbiddenOfLists.Contains(name) ? Forbid("a list", name, out value) : TryGetOfItems(target, name, out value),
            JinjaTuple tuple when tuple.Names?.ToList().IndexOf(name) is { } place and >= 0 => (value = tuple.Items[place]) is var _,
            JinjaTuple or JinjaRange when name != "copy" => TryGetOfItems(target, name, out value),
            JinjaMap map => ForbiddenOfMaps.Contains(name) ? Forbid("a mapping", name, out value) : TryGetOfMap(map, name, out value),
            bool or long or double or BigInteger => TryGetOfNumber(PythonNumbers.Of(target)!, name, out value),
            _ => PythonText.Of(target) is { } text && _text.TryGet(text, target is JinjaMarkup, name, out value),
        };
    }

    private static bool Forbid(string kind, string name, out object? value)
    {
        value = new JinjaUndefined(name, $"'{name}' of {kind} changes it, which chat templates may not do");
        return true;
    }

    private static JinjaFunction Method(string name, int least, int most, Func<JinjaValues, object?> body) =>
        new($"the method {name}", arguments => body(arguments.Expect(name, least, most)));

    private bool TryGetOfItems(object? target, string name, out object? value)
    {
        var operators = new JinjaOperators(budget);
        value = name switch
        {
            "copy" => Method(name, 0, 0, _ => operators.Items(target).ToList()),
            "count" => Method(name, 1, 1, arguments =>
                (long)operators.Items(target).Count(item => operators.AreEqual(item, arguments.Positional[0]))
            ),
            "index" => Method(name, 1, target is JinjaRange ? 1 : 3, arguments => IndexOf(operators, operators.Items(target), arguments)),
            _ => null,
        };
        return value is not null;
    }

    private static long IndexOf(JinjaOperators operators, List<object?> items, JinjaValues arguments)
    {
        var start = Place(1, 0);
        var place = items.FindIndex(
            (int)start, (int)Math.Max(0, Place(2, items.Count) - start), item => operators.AreEqual(item, arguments.Positional[0]));
        return place >= 0 ? place : throw JinjaFault.Because("index does not find the item");

        long Place(int index, long otherwise)
        {
            var place = arguments.Positional.Count > index ? PythonNumbers.Clamp(arguments.Positional[index], "start") : otherwise;
            return Math.Clamp(place < 0 ? place + items.Count : place, 0, items.Count);
        }
    }

    private bool TryGetOfMap(JinjaMap map, string name, out object? value)
    {
        value = name switch
        {
            "items" => Method(name, 0, 0, _ => new JinjaView("dict_items", budget.Touch(map.Items()))),
            "keys" => Method(name, 0, 0, _ => new JinjaView("dict_keys", budget.Touch(map.Keys.ToList()))),
            "values" => Method(name, 0, 0, _ => new JinjaView("dict_values", budget.Touch(map.Values.ToList()))),
            "get" =>
                Method(name, 1, 2, arguments => map.TryGet(arguments.Positional[0], out var found) ? found : arguments.Get(1, "default")),
            "copy" => Method(name, 0, 0, _ => Copy(map)),
            _ => null,
        };
        return value is not null;
    }

    private JinjaMap Copy(JinjaMap map)
    {
        budget.Spend(map.Count);
        var copy = new JinjaMap();
        foreach (var (key, value) in map.Pairs)
        {
            copy[key] = value;
        }

        return copy;
    }

    private static bool TryGetOfNumber(object number, string name, out object? value)
    {
        value = (name, number) switch
        {
            ("real", _) or ("numerator", long or BigInteger) => number,
            ("imag", double) => 0.0,
            ("imag", _) => 0L,
            ("denominator", long or BigInteger) => 1L,
            ("conjugate", _) => Method(name, 0, 0, _ => number),
            ("is_integer", double real) => Method(name, 0, 0, _ => double.IsFinite(real) && Math.Floor(real) == real),
            ("bit_length", long or BigInteger) => Method(name, 0, 0, _ =>
                (long)(BigInteger.Abs(PythonNumbers.Whole(number)) is { IsZero: false } size ? size.GetBitLength() : 0)
            ),
            _ => null,
        };
        return value is not null;
    }
}
