namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The locations of the keys and values that a pass's rows see in addition to the prompt's: first those of the row that it continues, which
/// other rows may continue too, and then its own.
/// </summary>
/// <param name="keys">Its rows' own keys, with those of the new positions.</param>
/// <param name="values">Their values.</param>
/// <param name="lent">The rows that they continue, or null.</param>
internal readonly struct NearKeys(CachePlace keys, CachePlace values, LentRows? lent)
{
    private readonly LentRows? _lent = lent;
    private readonly CachePlace _keys = keys;
    private readonly CachePlace _values = values;

    /// <summary>Those of a growing cache, with the new positions already written.</summary>
    public static NearKeys Of(LayerCache cache) => new(cache.Places.Keys, cache.Places.Values, cache.Lent);

    /// <summary>Number of keys of the row that a row continues.</summary>
    public long Lent => _lent?.Count ?? 0;

    /// <summary>Addresses of one group's keys: those of the continued row (0 if none), and its own.</summary>
    public (nint Lent, nint Own) Keys(long row, long group, long numberBytes) => (
        _lent is null ? 0 : _lent.Keys.Of(_lent.Rows[row], group, numberBytes), _keys.Of(row, group, numberBytes));

    /// <summary>Addresses of its values.</summary>
    public (nint Lent, nint Own) Values(long row, long group, long numberBytes) => (
        _lent is null ? 0 : _lent.Values.Of(_lent.Rows[row], group, numberBytes), _values.Of(row, group, numberBytes));
}
