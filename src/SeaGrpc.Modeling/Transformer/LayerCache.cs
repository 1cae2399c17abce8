using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// One layer's keys and values, each [rows, groups, capacity, head]. In memory a branch's groups come before its rows: those that meet
/// one matrix of the trunk's keys stand side by side.
/// </summary>
internal sealed class LayerCache(Tensor keys, Tensor values, LayerCache? trunk = null) : IDisposable
{
    private Tensor _keys = keys;
    private Tensor _values = values;
    private bool _frozen;

    /// <summary>Positions of its own before the next ones.</summary>
    public int Start { get; set; }

    public int RowCount { get; } = (int)keys.shape[0];

    public bool IsFrozen => _frozen;

    /// <summary>
    /// What stands before every row's own and is shared by all: one frozen row's, or what a frozen cache holds; null if there is
    /// none.
    /// </summary>
    public (Tensor Keys, Tensor Values)? Shared => _frozen ? (_keys, _values) : trunk?.Shared;

    /// <summary>Everything that a frozen cache holds: [rows, groups, positions, head].</summary>
    public (Tensor Keys, Tensor Values) All() => (_keys, _values);

    /// <summary>
    /// Where a growing cache's next keys and values begin, and the distance from one block to the next, in numbers; null if blocks
    /// do not stand at one distance: some of a branch's rows.
    /// </summary>
    public (Tensor Keys, Tensor Values, long Stride)? Slots(long rows, long positions)
    {
        CheckRoom(rows, positions);
        return Blocks(_keys).is_contiguous()
            ? (_keys.narrow(2, Start, positions), _values.narrow(2, Start, positions), Blocks(_keys).stride(1))
            : null;
    }

    /// <summary>Takes the next keys and values in.</summary>
    /// <param name="newKeys">[blocks, positions, head].</param>
    /// <param name="newValues">The same.</param>
    public void Write(Tensor newKeys, Tensor newValues)
    {
        long positions = newKeys.shape[1];
        using Tensor keySlot = Blocks(_keys).narrow(2, Start, positions);
        using Tensor valueSlot = Blocks(_values).narrow(2, Start, positions);
        keySlot.copy_(newKeys.view(keySlot.shape)).Dispose();
        valueSlot.copy_(newValues.view(valueSlot.shape)).Dispose();
    }

    /// <summary>Everything of their own that new positions see once theirs are written: [blocks, start + positions, head].</summary>
    public (Tensor Keys, Tensor Values) Written(long rows, long positions)
    {
        CheckRoom(rows, positions);
        return (Of(_keys), Of(_values));

        Tensor Of(Tensor all) => Blocks(all).is_contiguous()
            ? Blocks(all).flatten(0, 1).narrow(1, 0, Start + positions)
            : Blocks(all).narrow(2, 0, Start + positions).reshape(-1, Start + positions, all.shape[3]);
    }

    /// <summary>Everything that the new positions see, themselves included: [rows, groups, positions, head].</summary>
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

        (Tensor ownKeys, Tensor ownValues) = (_keys.narrow(2, 0, Start + positions), _values.narrow(2, 0, Start + positions));
        return trunk is { } before
            ? (cat([Read(before._keys, rows), ownKeys], 2), cat([Read(before._values, rows), ownValues], 2))
            : (ownKeys, ownValues);
    }

    public void Freeze(int length)
    {
        _frozen = true;
        _keys = Trim(_keys, length);
        _values = Trim(_values, length);
    }

    public LayerCache Rows(long start, long count) => new(
        _keys.narrow(0, start, count).DetachFromDisposeScope(), _values.narrow(0, start, count).DetachFromDisposeScope(), trunk)
    {
        _frozen = _frozen,
    };

    public void CopyFrom(LayerCache source, int length)
    {
        using var scope = NewDisposeScope();
        _keys.narrow(2, 0, length).copy_(source._keys.narrow(2, 0, length));
        _values.narrow(2, 0, length).copy_(source._values.narrow(2, 0, length));
    }

    public void CopyRows(LayerCache source, Tensor into, Tensor from, int length)
    {
        _keys.narrow(2, 0, length).index_copy_(0, into, source._keys.narrow(2, 0, length).index_select(0, from));
        _values.narrow(2, 0, length).index_copy_(0, into, source._values.narrow(2, 0, length).index_select(0, from));
    }

    public void KeepRow(int row, int start, int count)
    {
        foreach (Tensor tensor in new[] { _keys, _values })
        {
            Tensor last = tensor.narrow(2, start, count);
            last.copy_(last.narrow(0, row, 1).clone());
        }
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }

    private void CheckRoom(long rows, long positions)
    {
        if (rows != _keys.shape[0] || Start + positions > _keys.shape[2])
        {
            throw new InvalidOperationException(
                $"{rows} rows of {positions} positions do not fit a cache of {_keys.shape[0]} rows that holds {Start} of "
                    + $"{_keys.shape[2]} positions.");
        }
    }

    // In memory's order: a branch's groups first.
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
