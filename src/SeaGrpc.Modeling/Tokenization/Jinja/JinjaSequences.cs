using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A tuple. Those of groupby also have names for their places.</summary>
internal sealed record JinjaTuple(IReadOnlyList<object?> Items, IReadOnlyList<string>? Names = null);

/// <summary>Whole numbers from a start to before a stop.</summary>
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

/// <summary>What a mapping's keys, values or items are until they become a list.</summary>
/// <param name="Kind">Python's name of it.</param>
/// <param name="Items">The items.</param>
internal sealed record JinjaView(string Kind, IReadOnlyList<object?> Items);

/// <summary>Items that can be run over once, made only when they are asked for: what filters such as map and select give.</summary>
/// <param name="source">What gave it.</param>
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

/// <summary>Text that is marked as safe: what is put to it is escaped.</summary>
internal sealed record JinjaMarkup(string Text)
{
    internal static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal);
}
