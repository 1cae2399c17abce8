using System.Numerics;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Truth, equality, order, arithmetic and indexing of values, as Python has them.</summary>
internal sealed class JinjaOperators(JinjaBudget budget)
{
    internal static bool IsTrue(object? value) => value switch
    {
        null or JinjaUndefined => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        JinjaMap map => map.IsNamespace || map.Count > 0,
        _ => true,
    };

    internal static string KindOf(object? value) => value switch
    {
        null => "none",
        JinjaUndefined undefined => $"the undefined '{undefined.Name}'",
        bool => "a truth value",
        long or double => "a number",
        string => "text",
        List<object?> => "a list",
        JinjaMap => "a mapping",
        _ => "a function",
    };

    internal static ChatTemplateException Fault(string problem) => new($"The chat template cannot be rendered: {problem}.");

    internal bool AreEqual(object? left, object? right)
    {
        budget.Enter();
        var equal = (Numeric(left), Numeric(right)) switch
        {
            (long a, long b) => a == b,
            ({ } a, { } b) => ToDouble(a) == ToDouble(b),
            _ => (left, right) switch
            {
                (null, null) or (JinjaUndefined, JinjaUndefined) => true,
                (string a, string b) => budget.Touch(a) == b,
                (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
                (JinjaMap a, JinjaMap b) => a.Count == b.Count
                    && a.All(pair => b.TryGetValue(pair.Key, out var other) && AreEqual(pair.Value, other)),
                _ => ReferenceEquals(left, right),
            },
        };
        budget.Leave();
        return equal;
    }

    internal int Compare(object? left, object? right) => (Numeric(left), Numeric(right)) switch
    {
        (long a, long b) => a.CompareTo(b),
        ({ } a, { } b) => ToDouble(a).CompareTo(ToDouble(b)),
        _ => left is string first && right is string second
            ? string.CompareOrdinal(budget.Touch(first), second)
            : throw Fault($"{KindOf(left)} and {KindOf(right)} have no order"),
    };

    internal bool Contains(object? container, object? item) => container switch
    {
        string text => item is string part
            ? ContainsText(text, part)
            : throw Fault($"{KindOf(item)} cannot be in text"),
        List<object?> list => list.Exists(other => AreEqual(other, item)),
        JinjaMap map => item is string key && map.ContainsKey(key),
        JinjaUndefined => false,
        _ => throw Fault($"nothing can be in {KindOf(container)}"),
    };

    private bool ContainsText(string text, string part)
    {
        budget.Search(text, part);
        return text.Contains(part, StringComparison.Ordinal);
    }

    internal object? Apply(string symbol, object? left, object? right)
    {
        if (symbol == "~")
        {
            return Concatenate(JinjaFormat.ToText(left, budget), JinjaFormat.ToText(right, budget));
        }

        if (Numeric(left) is { } a && Numeric(right) is { } b)
        {
            return Calculate(symbol, a, b);
        }

        return (symbol, left, right) switch
        {
            ("+", string first, string second) => Concatenate(first, second),
            ("+", List<object?> first, List<object?> second) => budget.Touch(new List<object?>([.. first, .. second])),
            ("*", string text, long count) => Repeat(text, count),
            ("*", long count, string text) => Repeat(text, count),
            ("*", List<object?> list, long count) => Repeat(list, count),
            _ => throw Fault($"'{symbol}' has no meaning between {KindOf(left)} and {KindOf(right)}"),
        };
    }

    internal static object Negate(object? value) => Numeric(value) switch
    {
        long number => Calculate("-", 0, number),
        double number => (object)-number,
        _ => throw Fault($"'-' has no meaning before {KindOf(value)}"),
    };

    internal object? Index(object? target, object? index) => (target, index) switch
    {
        (JinjaMap map, string key) => map.TryGetValue(key, out var value) ? value : new JinjaUndefined(key),
        (List<object?> list, long place) => (place < 0 ? place + list.Count : place) is var at && at >= 0 && at < list.Count
            ? list[(int)at]
            : new JinjaUndefined($"[{place}]"),
        (string text, long place) => Characters(text) is var all && (place < 0 ? place + all.Count : place) is var at
            && at >= 0 && at < all.Count ? all[(int)at] : new JinjaUndefined($"[{place}]"),
        (JinjaUndefined undefined, _) => throw Fault($"'{undefined.Name}' is undefined, and something in it is asked for"),
        _ => new JinjaUndefined(JinjaFormat.ToText(index, budget)),
    };

    internal object? Slice(object? target, long? start, long? stop, long? step)
    {
        var stride = step ?? 1;
        if (stride == 0)
        {
            throw Fault("a slice's step is 0");
        }

        var items = target switch
        {
            string text => Characters(text),
            List<object?> list => budget.Touch(list),
            _ => throw Fault($"{KindOf(target)} cannot be sliced"),
        };
        long count = items.Count;
        var (low, high) = stride > 0 ? (0L, count) : (-1L, count - 1);
        var from = start is { } first ? Math.Clamp(first < 0 ? first + count : first, low, high) : stride > 0 ? low : high;
        var to = stop is { } last ? Math.Clamp(last < 0 ? last + count : last, low, high) : stride > 0 ? high : low;
        var taken = new List<object?>();
        for (var i = (Int128)from; stride > 0 ? i < to : i > to; i += stride)
        {
            taken.Add(items[(int)i]);
        }

        return target is string ? string.Concat(taken) : taken;
    }

    /// <summary>A text's code points, each as text.</summary>
    internal List<object?> Characters(string text)
    {
        budget.Spend(text.Length);
        return [.. text.EnumerateRunes().Select(rune => (object?)rune.ToString())];
    }

    /// <summary>What a loop or filter runs over.</summary>
    internal List<object?> Items(object? value) => value switch
    {
        List<object?> list => budget.Touch(list),
        JinjaMap map => budget.Touch(map.Keys.Select(key => (object?)key).ToList()),
        string text => Characters(text),
        JinjaUndefined => [],
        _ => throw Fault($"{KindOf(value)} has no items to run over"),
    };

    private static object? Numeric(object? value) => value switch
    {
        bool truth => truth ? 1L : 0L,
        long or double => value,
        _ => null,
    };

    private static double ToDouble(object value) => value is long number ? number : (double)value;

    private static object Calculate(string symbol, object left, object right)
    {
        if (symbol is "/" or "//" or "%" && ToDouble(right) == 0)
        {
            throw Fault("a division by zero");
        }

        if (left is long a && right is long b && symbol != "/" && !(symbol == "**" && b < 0))
        {
            return Calculate(symbol, a, b);
        }

        var (x, y) = (ToDouble(left), ToDouble(right));
        return symbol switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => Math.Floor(x / y),
            "%" => x - (y * Math.Floor(x / y)),
            _ => Math.Pow(x, y),
        };
    }

    private static long Calculate(string symbol, long left, long right)
    {
        var result = symbol switch
        {
            "+" => (Int128)left + right,
            "-" => (Int128)left - right,
            "*" => (Int128)left * right,
            "//" => FloorDivide(left, right),
            "%" => left - (FloorDivide(left, right) * right),
            _ => Power(left, right),
        };
        return result >= long.MinValue && result <= long.MaxValue ? (long)result : throw Fault("a number does not fit in 64 bits");
    }

    private static Int128 FloorDivide(Int128 left, Int128 right)
    {
        var quotient = left / right;
        return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
    }

    private static Int128 Power(long value, long exponent)
    {
        if (value is 0 or 1 or -1)
        {
            return exponent == 0 ? 1 : value == -1 && exponent % 2 == 0 ? 1 : value;
        }

        // Whatever is over 64 bits is refused by the caller; beyond 63 doublings everything is.
        var power = exponent > 63 ? BigInteger.Pow(2, 64) : BigInteger.Pow(value, (int)exponent);
        return BigInteger.Abs(power) > ulong.MaxValue ? Int128.MaxValue : (Int128)power;
    }

    private string Concatenate(string left, string right)
    {
        JinjaBudget.CheckLength((long)left.Length + right.Length);
        return budget.Touch(left + right);
    }

    private List<object?> Repeat(List<object?> list, long count)
    {
        // Paid before it is made, so that it cannot be too long.
        budget.Spend(Math.Min(JinjaBudget.MaxSteps, Math.Max(0, count)) * list.Count);
        return [.. Enumerable.Range(0, (int)Math.Max(0, list.Count == 0 ? 0 : count)).SelectMany(_ => list)];
    }

    private string Repeat(string text, long count)
    {
        if (count <= 0 || text.Length == 0)
        {
            return "";
        }

        JinjaBudget.CheckLength(count > JinjaBudget.MaxCharacters ? count : text.Length * count);
        return budget.Touch(new StringBuilder().Insert(0, text, (int)count).ToString());
    }
}
