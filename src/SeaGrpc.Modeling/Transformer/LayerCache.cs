using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The keys and values of one layer, each [rows, groups, capacity, head]. In the memory of a branch, groups come before rows, so that those
/// that share one matrix of the trunk's keys are side by side.
/// </summary>
/// <param name="keys">The keys; taken over.</param>
/// <param name="values">The values; taken over.</param>
/// <param name="trunk">One row that precedes all of these and is read in place, or null.</param>
/// <param name="lent">Rows between the trunk and each row's own positions, which are read in place, or null; taken over.</param>
internal sealed class LayerCache(Tensor keys, Tensor values, LayerCache? trunk = null, LentRows? lent = null) : IDisposable
{
    private Tensor _keys = keys;
    private Tensor _values = values;
    private bool _frozen;
    private readonly long[] _shape = keys.shape;
    private readonly long _numberBytes = keys.ElementSize;
    private (CachePlace Keys, CachePlace Values)? _places;

    /// <summary>Number of its own positions before the next ones.</summary>
    public int Start { get; set; }

    public int RowCount => (int)_shape[0];

    public bool IsFrozen => _frozen;

    /// <summary>The rows that its rows continue after the trunk, or null.</summary>
    public LentRows? Lent => lent;

    /// <summary>Number of positions of those rows.</summary>
    public int LentCount => lent?.Count ?? 0;

    /// <summary>
    /// Keys and values that precede every row's own and are shared by all: those of one frozen row, or everything in a frozen cache; null
    /// if there are none.
    /// </summary>
    public (Tensor Keys, Tensor Values)? Shared => _frozen ? (_keys, _values) : trunk?.Shared;

    /// <summary>Memory locations of its own keys and values, on the CPU.</summary>
    public (CachePlace Keys, CachePlace Values) Places => _places ??= (CachePlace.Of(_keys), CachePlace.Of(_values));

    /// <summary>All keys and values of a frozen cache: [rows, groups, positions, head].</summary>
    public (Tensor Keys, Tensor Values) All() => (_keys, _values);

    /// <summary>Memory locations of a growing cache's next keys and values, on the CPU.</summary>
    public (CachePlace Keys, CachePlace Values) Slots(long rows, long positions)
    {
        CheckRoom(rows, positions);
        long bytes = Start * PositionBytes;
        return (Places.Keys.After(bytes), Places.Values.After(bytes));
    }

    /// <summary>
    /// All of the rows' own keys and values that new positions see, once theirs are written: [blocks, start + positions, head].
    /// </summary>
    public (Tensor Keys, Tensor Values) Written(long positions)
    {
        return (Of(_keys), Of(_values));

        Tensor Of(Tensor all) => Blocks(all).is_contiguous()
            ? Blocks(all).flatten(0, 1).narrow(1, 0, Start + positions)
            : Blocks(all).narrow(2, 0, Start + positions).reshape(-1, Start + positions, all.shape[3]);
    }

    /// <summary>All keys and values that the new positions see, including themselves: [rows, groups, positions, head].</summary>
    public (Tensor Keys, Tensor Values) Append(Tensor newKeys, Tensor newValues)
    {
        long rows = newKeys.shape[0];
        long positions = newKeys.shape[2];
        if (_frozen)
        {
            return (cat([Read(_keys, rows), newKeys], 2), cat([Read(_values, rows), newValues], 2));
        }

        using (no_grad())
        {
            using Tensor keySlot = _keys.narrow(2, Start, positions);
            using Tensor valueSlot = _values.narrow(2, Start, positions);
            keySlot.copy_(newKeys).Dispose();
            valueSlot.copy_(newValues).Dispose();
        }

        (Tensor allKeys, Tensor allValues) = (_keys.narrow(2, 0, Start + positions), _values.narrow(2, 0, Start + positions));
        if (lent?.Copies() is { } between)
        {
            (allKeys, allValues) = (cat([between.Keys, allKeys], 2), cat([between.Values, allValues], 2));
        }

        return trunk is { } before
            ? (cat([Read(before._keys, rows), allKeys], 2), cat([Read(before._values, rows), allValues], 2))
            : (allKeys, allValues);
    }

    /// <summary>Writes the next keys and values of a growing cache, each [rows, groups, positions, head].</summary>
    public void Write(Tensor keys, Tensor values)
    {
        CheckRoom(keys.shape[0], keys.shape[2]);
        _keys.narrow(2, Start, keys.shape[2]).copy_(keys);
        _values.narrow(2, Start, values.shape[2]).copy_(values);
    }

    /// <summary>Some of the latest keys and values of a growing cache, each [rows, groups, count, head].</summary>
    /// <param name="back">How many positions before the next one they begin.</param>
    /// <param name="count">Number of positions.</param>
    public (Tensor Keys, Tensor Values) Latest(int back, int count) =>
        (_keys.narrow(2, Start - back, count), _values.narrow(2, Start - back, count));

    /// <summary>Memory locations of a growing cache's latest keys and values, on the CPU.</summary>
    /// <param name="back">How many positions before the next one they begin.</param>
    public (CachePlace Keys, CachePlace Values) LatestPlaces(int back)
    {
        long bytes = (Start - back) * PositionBytes;
        return (Places.Keys.After(bytes), Places.Values.After(bytes));
    }

    /// <summary>Copies some of the latest keys and values of a growing cache to rows of the same shape, on the CPU.</summary>
    /// <param name="target">Where they go.</param>
    /// <param name="back">How many positions before the next one they begin.</param>
    /// <param name="count">Number of positions.</param>
    public void CopyLatest((CachePlace Keys, CachePlace Values) target, int back, int count)
    {
        (CachePlace keys, CachePlace values) = LatestPlaces(back);
        for (int row = 0; row < RowCount; row++)
        {
            for (int group = 0; group < _shape[1]; group++)
            {
                Copy(keys, target.Keys);
                Copy(values, target.Values);

                unsafe void Copy(CachePlace from, CachePlace to)
                {
                    long bytes = count * PositionBytes;
                    Buffer.MemoryCopy(
                        (void*)from.Of(row, group, _numberBytes), (void*)to.Of(row, group, _numberBytes), bytes, bytes);
                }
            }
        }
    }

    public void Freeze(int length)
    {
        if (_frozen)
        {
            return;
        }

        _frozen = true;
        _keys = Trim(_keys, length);
        _values = Trim(_values, length);
        _places = null;
    }

    public LayerCache Rows(long start, long count) => new(
        _keys.narrow(0, start, count).DetachFromDisposeScope(), _values.narrow(0, start, count).DetachFromDisposeScope(), trunk,
        lent?.Of(start, count))
    {
        _frozen = _frozen,
    };

    /// <summary>Lends the first positions of some of its rows.</summary>
    public LentRows Lend(int[] rows, int count) =>
        new(_keys.alias().DetachFromDisposeScope(), _values.alias().DetachFromDisposeScope(), rows, count);

    public void CopyFrom(LayerCache source, int length)
    {
        using var scope = NewDisposeScope();
        _keys.narrow(2, 0, length).copy_(source._keys.narrow(2, 0, length));
        _values.narrow(2, 0, length).copy_(source._values.narrow(2, 0, length));
    }

    /// <summary>Copies the first positions of rows of another cache, on any device.</summary>
    public void CopyRows(LayerCache source, Tensor into, Tensor from, int length)
    {
        _keys.narrow(2, 0, length).index_copy_(0, into, source._keys.narrow(2, 0, length).index_select(0, from));
        _values.narrow(2, 0, length).index_copy_(0, into, source._values.narrow(2, 0, length).index_select(0, from));
    }

    /// <summary>Copies the first positions of a row of another cache, including those that it reads elsewhere; on the CPU.</summary>
    public void CopyRow(int into, LayerCache source, int from, int length)
    {
        int between = Math.Min(length, source.LentCount);
        if (source.Lent is { } read && between > 0)
        {
            Copy(into, 0, (read.Keys, read.Values), read.Rows[from], between);
        }

        if (length > between)
        {
            Copy(into, between, source.Places, from, length - between);
        }
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
        lent?.Dispose();
    }

    private void Copy(int into, int start, (CachePlace Keys, CachePlace Values) source, int from, int count)
    {
        for (long group = 0; group < _shape[1]; group++)
        {
            Copy(Places.Keys, source.Keys, group);
            Copy(Places.Values, source.Values, group);
        }

        unsafe void Copy(CachePlace target, CachePlace origin, long group)
        {
            long bytes = count * PositionBytes;
            byte* slot = (byte*)target.Of(into, group, _numberBytes) + (start * PositionBytes);
            Buffer.MemoryCopy((byte*)origin.Of(from, group, _numberBytes), slot, bytes, bytes);
        }
    }

    private void CheckRoom(long rows, long positions)
    {
        if (rows != _shape[0] || Start + positions > _shape[2])
        {
            throw new InvalidOperationException(
                $"{rows} rows of {positions} positions do not fit a cache of {_shape[0]} rows that holds {Start} of "
                    + $"{_shape[2]} positions.");
        }
    }

    // Bytes of one position in one group of a row.
    private long PositionBytes => _shape[3] * _numberBytes;

    // In the order of the memory: in a branch, groups come first.
    private Tensor Blocks(Tensor all) => trunk is null ? all : all.transpose(0, 1);

    private static Tensor Read(Tensor tensor, long rows) => tensor.expand(rows, -1, -1, -1);

    private static Tensor Trim(Tensor tensor, int length)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor trimmed = tensor.narrow(2, 0, length).contiguous().clone().DetachFromDisposeScope();
        tensor.Dispose();
        return trimmed;
    }
}
