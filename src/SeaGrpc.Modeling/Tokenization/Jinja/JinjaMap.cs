namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A mapping. Its keys keep their order. Numbers of equal value are the same key, as in Python.</summary>
internal sealed class JinjaMap
{
    private readonly OrderedDictionary<Key, object?> _items = [];

    internal int Count => _items.Count;

    internal IEnumerable<object?> Keys => _items.Keys.Select(key => key.Value);

    internal IEnumerable<object?> Values => _items.Values;

    internal IEnumerable<(object? Key, object? Value)> Pairs => _items.Select(pair => (pair.Key.Value, pair.Value));

    internal object? this[object? key]
    {
        set => _items[new Key(key)] = value;
    }

    internal bool TryGet(object? key, out object? value) => _items.TryGetValue(new Key(key), out value);

    internal bool Contains(object? key) => _items.ContainsKey(new Key(key));

    /// <summary>The pairs, as tuples.</summary>
    internal List<object?> Items() => [.. Pairs.Select(pair => (object?)new JinjaTuple([pair.Key, pair.Value]))];

    private readonly record struct Key(object? Value)
    {
        public bool Equals(Key other) => PythonHash.AreEqual(Value, other.Value);

        public override int GetHashCode() => PythonHash.Of(Value);
    }
}
