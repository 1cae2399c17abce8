namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The locations of the keys and values that a pass's rows see in addition to the prompt's: first those of the row that it continues, which
/// other rows may continue too, and then its own.
/// </summary>
/// <param name="cache">The layer's cache, with the new positions already written.</param>
internal readonly struct NearKeys(LayerCache cache)
{
    private readonly LentRows? _lent = cache.Lent;
    private readonly CachePlace _keys = cache.Places.Keys;
    private readonly CachePlace _values = cache.Places.Values;

    /// <summary>Number of keys of the row that a row continues.</summary>
    public long Lent => _lent?.Count ?? 0;

    /// <summary>Addresses of one group's keys: those of the continued row (0 if none), and its own.</summary>
    public (nint Lent, nint Own) Keys(long row, long group, long numberBytes) => (
        _lent is null ? 0 : _lent.Keys.Of(_lent.Rows[row], group, numberBytes), _keys.Of(row, group, numberBytes));

    /// <summary>Addresses of its values.</summary>
    public (nint Lent, nint Own) Values(long row, long group, long numberBytes) => (
        _lent is null ? 0 : _lent.Values.Of(_lent.Rows[row], group, numberBytes), _values.Of(row, group, numberBytes));
}
