using System.Numerics;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Truth, equality, order, membership and arithmetic of values, as in Python.</summary>
internal sealed class JinjaOperators(JinjaBudget budget)
{
    internal static bool IsTrue(object? value) => value switch
    {
        null or JinjaUndefined => false,
        bool truth => truth,
        string text => text.Length > 0,
        JinjaMarkup markup => markup.Text.Length > 0,
        List<object?> list => list.Count > 0,
        JinjaTuple tuple => tuple.Items.Count > 0,
        JinjaMap map => map.Count > 0,
        JinjaView view => view.Items.Count > 0,
        JinjaRange range => range.Count > 0,
        _ => PythonNumbers.Of(value) is not { } number || PythonNumbers.IsTrue(number),
    };

    internal bool AreEqual(object? left, object? right)
    {
        budget.Enter();
        var equal = (left, right) switch
        {
            (List<object?> a, List<object?> b) => AreEqual((IReadOnlyList<object?>)a, b),
            (JinjaTuple a, JinjaTuple b) => AreEqual(a.Items, b.Items),
            (JinjaRange a, JinjaRange b) => AreEqual(budget.Touch(a.ToList()), b.ToList()),
            (JinjaView a, JinjaView b) => a.Kind != "dict_values" && b.Kind != "dict_values" && a.Items.Count == b.Items.Count
                && a.Items.All(item => Contains(new List<object?>(b.Items), item)),
            (JinjaMap a, JinjaMap b) =>
                a.Count == b.Count && a.Pairs.All(pair => b.TryGet(pair.Key, out var other) && AreEqual(pair.Value, other)),
            (JinjaNamespace, _) or (JinjaIterator, _) => ReferenceEquals(left, right),
            (JinjaTuple or JinjaMap or List<object?> or JinjaView or JinjaRange, _) => false,
            (_, JinjaTuple or JinjaMap or List<object?> or JinjaView or JinjaRange) => false,
            _ => PythonHash.AreEqual(budget.Touch(left), right),
        };
        budget.Leave();
        return equal;
    }

    internal bool Holds(string symbol, object? left, object? right) => symbol switch
    {
        "==" => AreEqual(left, right),
        "!=" => !AreEqual(left, right),
        "in" => Contains(right, left),
        "not in" => !Contains(right, left),
        "<" => Compare(left, right) is < 0,
        "<=" => Compare(left, right) is <= 0,
        ">" => Compare(left, right) is > 0,
        _ => Compare(left, right) is >= 0,
    };

    /// <summary>The order of two values; null if one is NaN.</summary>
    internal int? Compare(object? left, object? right)
    {
        if (PythonNumbers.Of(left) is { } a && PythonNumbers.Of(right) is { } b)
        {
            return PythonNumbers.Compare(a, b);
        }

        return (left, right) switch
        {
            _ when PythonText.Of(left) is { } first && PythonText.Of(right) is { } second =>
                CodePoints.Compare(budget.Touch(first), second),
            (List<object?> first, List<object?> second) => CompareItems(first, second),
            (JinjaTuple first, JinjaTuple second) => CompareItems(first.Items, second.Items),
            (JinjaUndefined undefined, _) => throw undefined.Fault(),
            (_, JinjaUndefined undefined) => throw undefined.Fault(),
            _ => throw JinjaFault.Because($"{JinjaFault.KindOf(left)} and {JinjaFault.KindOf(right)} have no order"),
        };
    }

    /// <summary>Sorts items by their keys. Equal ones keep their order, even backwards.</summary>
    internal List<T> Sort<T>(IReadOnlyList<T> items, Func<T, object?> key, bool backwards = false)
    {
        var keyed = items.Select(item => (Item: item, Key: key(item))).ToArray();
        return [.. Merge(keyed).Select(pair => pair.Item)];

        (T Item, object? Key)[] Merge((T Item, object? Key)[] part)
        {
            budget.Spend(part.Length);
            if (part.Length < 2)
            {
                return part;
            }

            var (left, right) = (Merge(part[..(part.Length / 2)]), Merge(part[(part.Length / 2)..]));
            var merged = new (T, object?)[part.Length];
            for (int i = 0, a = 0, b = 0; i < merged.Length; i++)
            {
                var takesRight = a == left.Length || (b < right.Length
                    && (backwards ? Compare(left[a].Key, right[b].Key) is < 0 : Compare(right[b].Key, left[a].Key) is < 0));
                merged[i] = takesRight ? right[b++] : left[a++];
            }

            return merged;
        }
    }

    internal bool Contains(object? container, object? item)
    {
        switch (container)
        {
            case JinjaUndefined:
                return false;
            case JinjaMap map:
                return map.Contains(item);
            case JinjaIterator iterator:
                while (iterator.TryNext(out var next))
                {
                    if (AreEqual(next, item))
                    {
                        return true;
                    }
                }

                return false;
        }

        if (PythonText.Of(container) is { } text)
        {
            var part = PythonText.Of(item) ?? throw (item is JinjaUndefined undefined
                ? undefined.Fault()
                : JinjaFault.Because($"{JinjaFault.KindOf(item)} cannot be in text"));
            budget.Search(text, part);
            return text.Contains(part, StringComparison.Ordinal);
        }

        return Items(container).Exists(other => AreEqual(other, item));
    }

    internal object? Apply(string symbol, object? left, object? right)
    {
        if (PythonNumbers.Of(left) is { } a && PythonNumbers.Of(right) is { } b)
        {
            return PythonNumbers.Apply(symbol, a, b);
        }

        return (symbol, left, right) switch
        {
            ("%", JinjaMarkup, _) => throw JinjaFault.Because("'%' after text that is marked as safe is not supported"),
            ("%", string format, _) => PercentFormat.Apply(budget.Touch(format), right, budget),
            (_, JinjaUndefined undefined, _) => throw undefined.Fault(),
            (_, _, JinjaUndefined undefined) => throw undefined.Fault(),
            ("+", JinjaMarkup first, string second) => new JinjaMarkup(Concatenate(first.Text, JinjaMarkup.Escape(second))),
            ("+", string first, JinjaMarkup second) => new JinjaMarkup(Concatenate(JinjaMarkup.Escape(first), second.Text)),
            ("+", JinjaMarkup first, JinjaMarkup second) => new JinjaMarkup(Concatenate(first.Text, second.Text)),
            ("+", string first, string second) => Concatenate(first, second),
            ("+", List<object?> first, List<object?> second) => budget.Touch(new List<object?>([.. first, .. second])),
            ("+", JinjaTuple first, JinjaTuple second) =>
                new JinjaTuple(budget.Touch(new List<object?>([.. first.Items, .. second.Items]))),
            ("*", _, _) when PythonNumbers.Of(right) is long or BigInteger => Repeat(left, PythonNumbers.Of(right)!, right),
            ("*", _, _) when PythonNumbers.Of(left) is long or BigInteger => Repeat(right, PythonNumbers.Of(left)!, left),
            ("-", JinjaView { Kind: not "dict_values" } first, _) =>
                throw JinjaFault.Because($"a set made of {JinjaFault.KindOf(first)} is not supported"),
            _ => throw JinjaFault.Because($"'{symbol}' has no meaning between {JinjaFault.KindOf(left)} and {JinjaFault.KindOf(right)}"),
        };
    }

    internal static object ApplySign(string symbol, object? value) => PythonNumbers.Of(value) is { } number
        ? symbol == "-" ? PythonNumbers.Negate(number) : number
        : value is JinjaUndefined undefined ? throw undefined.Fault()
        : throw JinjaFault.Because($"'{symbol}' has no meaning before {JinjaFault.KindOf(value)}");

    internal string Concatenate(string left, string right)
    {
        JinjaBudget.CheckLength((long)left.Length + right.Length);
        return budget.Touch(left + right);
    }

    /// <summary>The items of a value that is iterated. A value that can be iterated only once is empty afterwards.</summary>
    internal List<object?> Items(object? value)
    {
        switch (value)
        {
            case List<object?> list:
                return budget.Touch(list);
            case JinjaTuple tuple:
                return budget.Touch(tuple.Items.ToList());
            case JinjaMap map:
                return budget.Touch(map.Keys.ToList());
            case JinjaView view:
                return budget.Touch(view.Items.ToList());
            case JinjaRange range:
                budget.Spend(range.Count);
                return range.ToList();
            case JinjaUndefined:
                return [];
            case JinjaIterator iterator:
                var items = new List<object?>();
                while (iterator.TryNext(out var item))
                {
                    budget.Spend();
                    items.Add(item);
                }

                return items;
        }

        return PythonText.Of(value) is { } text
            ? Characters(text)
            : throw JinjaFault.Because($"{JinjaFault.KindOf(value)} has no items to run over");
    }

    /// <summary>The code points of a text, each as a string.</summary>
    internal List<object?> Characters(string text)
    {
        budget.Spend(text.Length);
        return [.. CodePoints.Of(text)];
    }

    private bool AreEqual(IReadOnlyList<object?> left, IReadOnlyList<object?> right) =>
        left.Count == right.Count
            && Enumerable.Range(0, left.Count).All(i => ReferenceEquals(left[i], right[i]) || AreEqual(left[i], right[i]));

    private int? CompareItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        budget.Enter();
        int? order = left.Count.CompareTo(right.Count);
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!ReferenceEquals(left[i], right[i]) && !AreEqual(left[i], right[i]))
            {
                order = Compare(left[i], right[i]);
                break;
            }
        }

        budget.Leave();
        return order;
    }

    private object Repeat(object? value, object count, object? factor)
    {
        var times = PythonNumbers.Whole(count) is var whole && whole <= long.MaxValue
            ? (long)BigInteger.Clamp(whole, 0, int.MaxValue)
            : throw JinjaFault.Because("a text or list is repeated too often");
        return value switch
        {
            string text => Repeat(text, times),
            JinjaMarkup markup => new JinjaMarkup(Repeat(markup.Text, times)),
            List<object?> list => Repeat(list, times),
            JinjaTuple tuple => new JinjaTuple(Repeat([.. tuple.Items], times)),
            _ => throw JinjaFault.Because($"'*' has no meaning between {JinjaFault.KindOf(value)} and {JinjaFault.KindOf(factor)}"),
        };
    }

    private List<object?> Repeat(List<object?> list, long count)
    {
        // Spent before the list is created, so that it cannot be too long.
        budget.Spend(Math.Min(JinjaBudget.MaxSteps, count) * list.Count);
        return [.. Enumerable.Range(0, list.Count == 0 ? 0 : (int)count).SelectMany(_ => list)];
    }

    private string Repeat(string text, long count)
    {
        if (count == 0 || text.Length == 0)
        {
            return "";
        }

        JinjaBudget.CheckLength(count > JinjaBudget.MaxCharacters ? count : text.Length * count);
        return budget.Touch(new StringBuilder().Insert(0, text, (int)count).ToString());
    }
}
