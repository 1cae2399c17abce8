namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The keys and values that a pass's rows see beside the prompt's, where they stand: what a row goes on from, which other rows may go on
/// from too, and then its own.
/// </summary>
/// <param name="cache">The layer's, with the new positions written.</param>
internal readonly struct NearKeys(LayerCache cache)
{
    private readonly LentRows? _lent = cache.Lent;
    private readonly CachePlace _keys = cache.Places.Keys;
    private readonly CachePlace _values = cache.Places.Values;

    /// <summary>Keys of what a row goes on from.</summary>
    public long Lent => _lent?.Count ?? 0;

    /// <summary>Where a row's group has its keys: those that it goes on from (none: 0), and its own.</summary>
    public (nint Lent, nint Own) Keys(long row, long group, long numberBytes) => (
        _lent is null ? 0 : _lent.Keys.Of(_lent.Rows[row], group, numberBytes), _keys.Of(row, group, numberBytes));

    /// <summary>Where it has its values.</summary>
    public (nint Lent, nint Own) Values(long row, long group, long numberBytes) => (
        _lent is null ? 0 : _lent.Values.Of(_lent.Rows[row], group, numberBytes), _values.Of(row, group, numberBytes));
}
