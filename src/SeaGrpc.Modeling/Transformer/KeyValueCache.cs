using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// Keys and values of every layer. A growing cache takes each forward pass's new positions in; a frozen one is only read,
/// by any number of rows at once, and gradients of the new positions flow past it. A branch is a growing cache whose rows
/// all continue one frozen row, its trunk, which is not copied. Owns its tensors, a branch not those of its trunk.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly LayerCache[] _layers;
    private readonly KeyValueCache? _trunk;

    private KeyValueCache(LayerCache[] layers, int length, KeyValueCache? trunk = null)
    {
        _layers = layers;
        _trunk = trunk;
        Length = length;
    }

    /// <summary>Number of positions held, a trunk's included.</summary>
    public int Length { get; private set; }

    /// <summary>Positions of the trunk; 0 where there is none.</summary>
    public int TrunkLength => _trunk?.Length ?? 0;

    /// <summary>Number of rows.</summary>
    public int RowCount => _layers[0].RowCount;

    /// <summary>Whether it is only read.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Whether any number of rows read its one row.</summary>
    internal bool IsOneForAll => IsFrozen && _layers[0].RowCount == 1;

    /// <summary>An empty growing cache.</summary>
    /// <param name="transformer">The model that it serves.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Most positions that it will hold; memory is taken at once.</param>
    public static KeyValueCache Create(TransformerDecoder transformer, int rows, int capacity)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        TransformerConfig config = transformer.Config;
        long[] shape = [rows, config.KeyValueHeadCount, capacity, config.HeadSize];
        return new KeyValueCache(
            [.. Enumerable.Range(0, config.LayerCount).Select(_ => new LayerCache(
                empty(shape, transformer.Dtype, transformer.Device).DetachFromDisposeScope(),
                empty(shape, transformer.Dtype, transformer.Device).DetachFromDisposeScope()))],
            0);
    }

    /// <summary>
    /// Growing rows that all continue this frozen row. Where the decoder reads a shared row in its place, nothing is copied and this cache
    /// must outlive the branch; elsewhere the rows are a copy, as <see cref="Fork(TransformerDecoder, int, int)"/> makes it.
    /// </summary>
    /// <param name="transformer">The model that it serves.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Most positions that it will hold, these included.</param>
    public KeyValueCache Branch(TransformerDecoder transformer, int rows, int capacity)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        return IsOneForAll && transformer.IsWrittenOut ? Branch(transformer, this, rows, capacity) : Fork(transformer, rows, capacity);
    }

    /// <summary>Makes it read-only: from now on each forward pass sees these positions and adds none.</summary>
    /// <exception cref="InvalidOperationException">It is a branch.</exception>
    public KeyValueCache Freeze()
    {
        if (_trunk is not null)
        {
            throw new InvalidOperationException("A branch cannot be frozen.");
        }

        IsFrozen = true;
        foreach (LayerCache layer in _layers)
        {
            layer.Freeze(Length);
        }

        return this;
    }

    /// <summary>A growing copy for several rows that all start with this cache's one row.</summary>
    /// <param name="transformer">The model that it serves.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Most positions that it will hold, these included.</param>
    public KeyValueCache Fork(TransformerDecoder transformer, int rows, int capacity) => Fork(transformer, rows, capacity, Length);

    /// <summary>The same, of this cache's first positions only.</summary>
    /// <param name="transformer">The model that it serves.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Most positions that it will hold, these included.</param>
    /// <param name="length">Number of positions to start with, at most <see cref="Length"/>.</param>
    public KeyValueCache Fork(TransformerDecoder transformer, int rows, int capacity, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        KeyValueCache copy = Create(transformer, rows, capacity);
        using var noGrad = no_grad();
        for (int index = 0; index < _layers.Length; index++)
        {
            copy._layers[index].CopyFrom(_layers[index], length);
        }

        copy.Length = length;
        return copy;
    }

    /// <summary>A growing cache whose rows are copies of rows of other caches, all of one length.</summary>
    /// <param name="transformer">The model that they all serve.</param>
    /// <param name="rows">Where each row comes from; at least one, and one row may be taken several times.</param>
    /// <param name="capacity">Most positions that it will hold, those copied included.</param>
    /// <exception cref="ArgumentException">The caches hold different numbers of positions.</exception>
    public static KeyValueCache Gather(TransformerDecoder transformer, IReadOnlyList<(KeyValueCache Source, int Row)> rows, int capacity)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int length = rows[0].Source.Length;
        return rows.All(row => row.Source.Length == length)
            ? Gather(transformer, rows, capacity, length)
            : throw new ArgumentException("The rows do not hold the same number of positions.", nameof(rows));
    }

    /// <summary>
    /// A growing cache whose rows are copies of the first positions of rows of other caches; branches of one trunk give a branch of it.
    /// </summary>
    /// <param name="transformer">The model that they all serve.</param>
    /// <param name="rows">Where each row comes from; at least one, and one row may be taken several times.</param>
    /// <param name="capacity">Most positions that it will hold, those copied included.</param>
    /// <param name="length">Number of positions to start with, a trunk's included; every source holds at least as many.</param>
    /// <exception cref="ArgumentException">The caches are branches of different trunks, or one is too short.</exception>
    public static KeyValueCache Gather(
        TransformerDecoder transformer, IReadOnlyList<(KeyValueCache Source, int Row)> rows, int capacity, int length)
    {
        ArgumentNullException.ThrowIfNull(rows);
        KeyValueCache? trunk = rows[0].Source._trunk;
        if (rows.Any(row => row.Source._trunk != trunk || row.Source.Length < length) || length < rows[0].Source.TrunkLength)
        {
            throw new ArgumentException("The rows do not have the same beginning, or hold too few positions.", nameof(rows));
        }

        KeyValueCache gathered = trunk is null
            ? Create(transformer, rows.Count, capacity)
            : Branch(transformer, trunk, rows.Count, capacity);
        int own = length - gathered.TrunkLength;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (IGrouping<KeyValueCache, int> group in Enumerable.Range(0, rows.Count).GroupBy(row => rows[row].Source))
        {
            Tensor into = tensor(group.Select(row => (long)row).ToArray(), device: transformer.Device);
            Tensor from = tensor(group.Select(row => (long)rows[row].Row).ToArray(), device: transformer.Device);
            for (int index = 0; index < gathered._layers.Length; index++)
            {
                gathered._layers[index].CopyRows(group.Key._layers[index], into, from, own);
            }
        }

        gathered.Length = length;
        return gathered;
    }

    /// <summary>Forgets the positions from a length on; a growing cache writes the next ones there.</summary>
    /// <param name="length">Number of positions that stay, at most <see cref="Length"/>.</param>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TrunkLength);
        Length = length;
    }

    /// <summary>Makes every row equal to one of them, where they differ from a position on only. Copies nothing before it.</summary>
    /// <param name="row">The row that the others take over.</param>
    /// <param name="from">The first position at which rows may differ.</param>
    public void KeepRow(int row, int from)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (LayerCache layer in _layers)
        {
            layer.KeepRow(row, from - TrunkLength, Length - from);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LayerCache layer in _layers)
        {
            layer.Dispose();
        }
    }

    /// <summary>Consecutive rows of this cache, read and written in its place; it must be told itself when all have advanced.</summary>
    internal KeyValueCache Rows(long start, long count) =>
        new([.. _layers.Select(layer => layer.Rows(start, count))], Length, _trunk) { IsFrozen = IsFrozen };

    internal LayerCache Layer(int index)
    {
        LayerCache layer = _layers[index];
        layer.Start = Length - TrunkLength;
        return layer;
    }

    internal void Advance(int positions)
    {
        if (!IsFrozen)
        {
            Length += positions;
        }
    }

    private static KeyValueCache Branch(TransformerDecoder transformer, KeyValueCache trunk, int rows, int capacity)
    {
        TransformerConfig config = transformer.Config;
        long[] shape = [config.KeyValueHeadCount, rows, capacity - trunk.Length, config.HeadSize];
        Tensor Room() => empty(shape, transformer.Dtype, transformer.Device).transpose(0, 1).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        return new KeyValueCache([.. trunk._layers.Select(layer => new LayerCache(Room(), Room(), layer))], trunk.Length, trunk);
    }

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
        /// What stands before every row's own and is shared by all: one frozen row's, or what a frozen cache holds; null where there is
        /// none.
        /// </summary>
        public (Tensor Keys, Tensor Values)? Shared => _frozen ? (_keys, _values) : trunk?.Shared;

        /// <summary>Everything that a frozen cache holds: [rows, groups, positions, head].</summary>
        public (Tensor Keys, Tensor Values) All() => (_keys, _values);

        /// <summary>
        /// Where a growing cache's next keys and values begin, and the distance from one block to the next, in numbers; null where blocks
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
}
