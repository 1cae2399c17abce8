using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// Keys and values of every layer. A growing cache takes each forward pass's new positions in; a frozen one is only read,
/// by any number of rows at once, and gradients of the new positions flow past it. Owns its tensors.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly LayerCache[] layers;

    private KeyValueCache(LayerCache[] layers, int length)
    {
        this.layers = layers;
        Length = length;
    }

    /// <summary>Number of positions held.</summary>
    public int Length { get; private set; }

    /// <summary>Whether it is only read.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Whether any number of rows read its one row.</summary>
    internal bool IsOneForAll => IsFrozen && layers[0].All().Keys.shape[0] == 1;

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

    /// <summary>Makes it read-only: from now on each forward pass sees these positions and adds none.</summary>
    public KeyValueCache Freeze()
    {
        IsFrozen = true;
        foreach (LayerCache layer in layers)
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
        for (int index = 0; index < layers.Length; index++)
        {
            copy.layers[index].CopyFrom(layers[index], length);
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
        if (rows.Any(row => row.Source.Length != length))
        {
            throw new ArgumentException("The rows do not hold the same number of positions.", nameof(rows));
        }

        KeyValueCache gathered = Create(transformer, rows.Count, capacity);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (IGrouping<KeyValueCache, int> group in Enumerable.Range(0, rows.Count).GroupBy(row => rows[row].Source))
        {
            Tensor into = tensor(group.Select(row => (long)row).ToArray(), device: transformer.Device);
            Tensor from = tensor(group.Select(row => (long)rows[row].Row).ToArray(), device: transformer.Device);
            for (int index = 0; index < gathered.layers.Length; index++)
            {
                gathered.layers[index].CopyRows(group.Key.layers[index], into, from, length);
            }
        }

        gathered.Length = length;
        return gathered;
    }

    /// <summary>A frozen copy of some rows' first positions: what rows that continue differently from there have in common.</summary>
    /// <param name="rows">Rows of this cache, in the copy's order; a row may stand several times: int64 [copies].</param>
    /// <param name="length">Number of positions, at most <see cref="Length"/>.</param>
    public KeyValueCache Select(Tensor rows, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        using var noGrad = no_grad();
        return new KeyValueCache([.. layers.Select(layer => layer.Select(rows, length))], length) { IsFrozen = true };
    }

    /// <summary>Forgets the positions from a length on; a growing cache writes the next ones there.</summary>
    /// <param name="length">Number of positions that stay, at most <see cref="Length"/>.</param>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Makes every row equal to one of them, where they differ from a position on only. Copies nothing before it.</summary>
    /// <param name="row">The row that the others take over.</param>
    /// <param name="from">The first position at which rows may differ.</param>
    public void KeepRow(int row, int from)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (LayerCache layer in layers)
        {
            layer.KeepRow(row, from, Length - from);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LayerCache layer in layers)
        {
            layer.Dispose();
        }
    }

    /// <summary>Consecutive rows of this cache, read and written in its place; it must be told itself when all have advanced.</summary>
    internal KeyValueCache Rows(long start, long count) => new([.. layers.Select(layer => layer.Rows(start, count))], Length) { IsFrozen = IsFrozen };

    internal LayerCache Layer(int index)
    {
        LayerCache layer = layers[index];
        layer.Start = Length;
        return layer;
    }

    internal void Advance(int positions)
    {
        if (!IsFrozen)
        {
            Length += positions;
        }
    }

    /// <summary>One layer's keys and values, each [rows, groups, capacity, head].</summary>
    internal sealed class LayerCache(Tensor keys, Tensor values) : IDisposable
    {
        private Tensor keys = keys;
        private Tensor values = values;
        private bool frozen;

        public int Start { get; set; }

        public bool IsFrozen => frozen;

        /// <summary>Everything that a frozen cache holds: [rows, groups, positions, head].</summary>
        public (Tensor Keys, Tensor Values) All() => (keys, values);

        /// <summary>Where a growing cache's next keys and values begin, and the distance from one row's group to the next one's, in numbers.</summary>
        public (Tensor Keys, Tensor Values, long Stride) Slots(long rows, long positions)
        {
            CheckRoom(rows, positions);
            return (keys.narrow(2, Start, positions), values.narrow(2, Start, positions), keys.stride(1));
        }

        /// <summary>Everything that new positions see once theirs are written: [rows * groups, start + positions, head].</summary>
        public (Tensor Keys, Tensor Values) Written(long rows, long positions)
        {
            CheckRoom(rows, positions);
            return (keys.flatten(0, 1).narrow(1, 0, Start + positions), values.flatten(0, 1).narrow(1, 0, Start + positions));
        }

        /// <summary>Everything that the new positions see, themselves included: [rows, groups, start + positions, head].</summary>
        public (Tensor Keys, Tensor Values) Append(Tensor newKeys, Tensor newValues)
        {
            long rows = newKeys.shape[0];
            long positions = newKeys.shape[2];
            if (frozen)
            {
                return (cat([Read(keys, rows), newKeys], 2), cat([Read(values, rows), newValues], 2));
            }

            using (no_grad())
            {
                using Tensor keySlot = keys.narrow(2, Start, positions);
                using Tensor valueSlot = values.narrow(2, Start, positions);
                keySlot.copy_(newKeys).Dispose();
                valueSlot.copy_(newValues).Dispose();
            }

            return (keys.narrow(2, 0, Start + positions), values.narrow(2, 0, Start + positions));
        }

        public void Freeze(int length)
        {
            frozen = true;
            keys = Trim(keys, length);
            values = Trim(values, length);
        }

        public LayerCache Select(Tensor rows, int length)
        {
            using var scope = NewDisposeScope();
            return new LayerCache(
                keys.narrow(2, 0, length).index_select(0, rows).DetachFromDisposeScope(),
                values.narrow(2, 0, length).index_select(0, rows).DetachFromDisposeScope())
            {
                frozen = true,
            };
        }

        public LayerCache Rows(long start, long count) => new(
            keys.narrow(0, start, count).DetachFromDisposeScope(), values.narrow(0, start, count).DetachFromDisposeScope())
        {
            frozen = frozen,
        };

        public void CopyFrom(LayerCache source, int length)
        {
            using var scope = NewDisposeScope();
            keys.narrow(2, 0, length).copy_(source.keys.narrow(2, 0, length));
            values.narrow(2, 0, length).copy_(source.values.narrow(2, 0, length));
        }

        public void CopyRows(LayerCache source, Tensor into, Tensor from, int length)
        {
            keys.narrow(2, 0, length).index_copy_(0, into, source.keys.narrow(2, 0, length).index_select(0, from));
            values.narrow(2, 0, length).index_copy_(0, into, source.values.narrow(2, 0, length).index_select(0, from));
        }

        public void KeepRow(int row, int start, int count)
        {
            foreach (Tensor tensor in new[] { keys, values })
            {
                Tensor last = tensor.narrow(2, start, count);
                last.copy_(last.narrow(0, row, 1).clone());
            }
        }

        public void Dispose()
        {
            keys.Dispose();
            values.Dispose();
        }

        private void CheckRoom(long rows, long positions)
        {
            if (rows != keys.shape[0] || Start + positions > keys.shape[2])
            {
                throw new InvalidOperationException(
                    $"{rows} rows of {positions} positions do not fit a cache of {keys.shape[0]} rows that holds {Start} of {keys.shape[2]} positions.");
            }
        }

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
