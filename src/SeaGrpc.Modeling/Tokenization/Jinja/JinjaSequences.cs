using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A tuple. Tuples of groupby also have names for their positions.</summary>
internal sealed record JinjaTuple(IReadOnlyList<object?> Items, IReadOnlyList<string>? Names = null);

/// <summary>Integers from a start up to, but not including, a stop.</summary>
internal sealed record JinjaRange(long Start, long Stop, long Step)
{
    internal long Count => Step > 0
        ? (long)BigInteger.Max(0, ((BigInteger)Stop - Start + Step - 1) / Step)
        : (long)BigInteger.Max(0, ((BigInteger)Start - Stop - Step - 1) / -(BigInteger)Step);

    internal long At(long index) => Start + (index * Step);

    internal List<object?> ToList()
    {
        var items = new List<object?>();
        for (long i = 0, count = Count; i < count; i++)
        {
            items.Add(At(i));
        }

        return items;
    }
}

/// <summary>The keys, values or items of a mapping before they become a list.</summary>
/// <param name="Kind">The name of the kind in Python.</param>
/// <param name="Items">The items.</param>
internal sealed record JinjaView(string Kind, IReadOnlyList<object?> Items);

/// <summary>Items that can be iterated once and are created lazily, as filters such as map and select return them.</summary>
/// <param name="source">What returned it, for messages.</param>
/// <param name="items">The items.</param>
internal sealed class JinjaIterator(string source, IEnumerable<object?> items)
{
    private readonly IEnumerator<object?> _items = items.GetEnumerator();

    internal string Source => source;

    internal bool TryNext(out object? item)
    {
        var found = _items.MoveNext();
        item = found ? _items.Current : null;
        return found;
    }
}

/// <summary>Text that is marked as safe. Text that is added to it is escaped.</summary>
internal sealed record JinjaMarkup(string Text)
{
    internal static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal);
}
