using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>
/// Looks up attributes, items and slices of values. <c>x.name</c> finds a method before a key, <c>x['name']</c> a key before a method.
/// </summary>
internal sealed class JinjaLookup(JinjaBudget budget)
{
    private readonly JinjaMethods _methods = new(budget);

    internal object? Attribute(object? target, string name)
    {
        budget.Spend();
        if (target is JinjaUndefined undefined)
        {
            throw LooksIntoNothing(undefined);
        }

        if (TryAttribute(target, name, out var value))
        {
            return value;
        }

        return target is JinjaMap map && map.TryGet(name, out value) ? value : new JinjaUndefined(name);
    }

    internal object? Item(object? target, object? index)
    {
        budget.Spend();
        switch (target)
        {
            case JinjaUndefined undefined:
                throw LooksIntoNothing(undefined);
            case JinjaMap map when PythonHash.CanBeKey(index) && map.TryGet(index, out var found):
                return found;
        }

        if (PythonNumbers.Of(index) is long or BigInteger && At(target, PythonNumbers.Whole(PythonNumbers.Of(index)!), out var item))
        {
            return item;
        }

        return PythonText.Of(index) is { } name && TryAttribute(target, name, out var value)
            ? value
            : new JinjaUndefined(PythonText.Of(index) ?? $"[{JinjaFormat.ToText(index, budget)}]");
    }

    internal object? Slice(object? target, object? start, object? stop, object? step)
    {
        if (target is JinjaUndefined undefined)
        {
            throw LooksIntoNothing(undefined);
        }

        var (first, last, stride) = (Bound(start), Bound(stop), Bound(step) ?? 1);
        if (stride == 0)
        {
            throw JinjaFault.Because("a slice's step is 0");
        }

        if (PythonText.Of(target) is { } text)
        {
            var part = string.Concat(Cut([.. CodePoints.Of(budget.Touch(text))], first, last, stride));
            return target is JinjaMarkup ? new JinjaMarkup(part) : part;
        }

        return target switch
        {
            List<object?> list => Cut(budget.Touch(list), first, last, stride),
            JinjaTuple tuple => new JinjaTuple(Cut(tuple.Items, first, last, stride)),
            JinjaRange range => CutRange(range, first, last, stride),
            _ => throw JinjaFault.Because($"{JinjaFault.KindOf(target)} cannot be sliced"),
        };
    }

    private static ChatTemplateException LooksIntoNothing(JinjaUndefined undefined) =>
        JinjaFault.Because($"'{undefined.Name}' is undefined, and something in it is asked for");

    private bool TryAttribute(object? target, string name, out object? value)
    {
        value = null;
        if (name.StartsWith('_'))
        {
            return target is JinjaNamespace space && space.TryGet(name, out value);
        }

        return target is JinjaObject item
            ? item.TryGet(name, out value)
            : _methods.TryGet(target, name, out value);
    }

    private bool At(object? target, BigInteger index, out object? item)
    {
        item = null;
        long count = target switch
        {
            List<object?> list => list.Count,
            JinjaTuple tuple => tuple.Items.Count,
            JinjaRange range => range.Count,
            _ => PythonText.Of(target) is { } text ? CodePoints.Count(budget.Touch(text)) : 0,
        };
        var place = index < 0 ? index + count : index;
        if (place < 0 || place >= count)
        {
            return false;
        }

        item = target switch
        {
            List<object?> list => list[(int)place],
            JinjaTuple tuple => tuple.Items[(int)place],
            JinjaRange range => range.At((long)place),
            _ => CharacterAt(target, PythonText.Of(target)!, (long)place),
        };
        return true;
    }

    private static object CharacterAt(object? target, string text, long place)
    {
        var unit = CodePoints.ToUnits(text, place);
        var character = unit + 1 < text.Length && char.IsSurrogatePair(text[unit], text[unit + 1])
            ? text.Substring(unit, 2)
            : text.Substring(unit, 1);
        return target is JinjaMarkup ? new JinjaMarkup(character) : character;
    }

    private static BigInteger? Bound(object? value) => value switch
    {
        null => null,
        _ when PythonNumbers.Of(value) is long or BigInteger => PythonNumbers.Whole(PythonNumbers.Of(value)!),
        JinjaUndefined undefined => throw undefined.Fault(),
        _ => throw JinjaFault.Because($"a slice is bounded by {JinjaFault.KindOf(value)}"),
    };

    private static (long From, long To) Bounds(long count, BigInteger? start, BigInteger? stop, BigInteger step)
    {
        var (low, high) = step > 0 ? (0L, count) : (-1L, count - 1);
        return (Clamp(start, step > 0 ? low : high), Clamp(stop, step > 0 ? high : low));

        long Clamp(BigInteger? bound, long otherwise) =>
            bound is { } place ? (long)BigInteger.Clamp(place < 0 ? place + count : place, low, high) : otherwise;
    }

    private static List<T> Cut<T>(IReadOnlyList<T> items, BigInteger? start, BigInteger? stop, BigInteger step)
    {
        var (from, to) = Bounds(items.Count, start, stop, step);
        var taken = new List<T>();
        for (BigInteger i = from; step > 0 ? i < to : i > to; i += step)
        {
            taken.Add(items[(int)i]);
        }

        return taken;
    }

    private static JinjaRange CutRange(JinjaRange range, BigInteger? start, BigInteger? stop, BigInteger step)
    {
        var (from, to) = Bounds(range.Count, start, stop, step);
        return new JinjaRange(range.At(from), range.At(to), range.Step * (long)BigInteger.Clamp(step, -1_000_000, 1_000_000));
    }
}
