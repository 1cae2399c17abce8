using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// Keys and values of every layer. A growing cache stores the new positions of each forward pass. A frozen cache is only read, by any
/// number of rows at once, and gets no gradient. A branch is a growing cache whose rows all continue one frozen row, its trunk, which is
/// not copied. A fan is a branch whose rows continue rows of another branch, which are not copied either: the prefixes of a search form a
/// tree. A cache owns its tensors, but a branch does not own those of its trunk.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly LayerCache[] _layers;
    private readonly KeyValueCache? _trunk;
    private int _lentLength;
    private ReadToken[] _last = [];

    private KeyValueCache(LayerCache[] layers, int length, KeyValueCache? trunk = null)
    {
        _layers = layers;
        _trunk = trunk;
        Length = length;
    }

    /// <summary>Number of positions, including those of a trunk.</summary>
    public int Length { get; private set; }

    /// <summary>Number of positions of the trunk; 0 if there is none.</summary>
    public int TrunkLength => _trunk?.Length ?? 0;

    /// <summary>Number of rows.</summary>
    public int RowCount => _layers[0].RowCount;

    /// <summary>
    /// Number of positions that its rows do not hold themselves: those of the trunk and of the rows that a fan continues.
    /// </summary>
    public int SharedLength => TrunkLength + _layers[0].LentCount;

    /// <summary>Whether the cache is read-only.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>
    /// What the run has read of the same rows, also with other models through common layers; null if nothing of it is kept, or if its rows
    /// were not read by their ids.
    /// </summary>
    internal RunReading? Shared { get; private set; }

    /// <summary>The last token of each row, if it follows a shared reading.</summary>
    internal IReadOnlyList<ReadToken> LastTokens => _last;

    /// <summary>Number of positions of the rows that a fan continues.</summary>
    internal int LentLength => _layers[0].LentCount;

    /// <summary>Whether any number of rows read its single row.</summary>
    internal bool IsOneForAll => IsFrozen && _layers[0].RowCount == 1;

    /// <summary>Creates an empty growing cache.</summary>
    /// <param name="transformer">The model that it is for.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Maximum number of positions. The memory is allocated at once.</param>
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
    /// Creates growing rows that all continue this frozen row. If the decoder can read a shared row in place, nothing is copied and this
    /// cache must outlive the branch. Otherwise the rows are copies, as in <see cref="Fork(TransformerDecoder, int, int)"/>.
    /// </summary>
    /// <param name="transformer">The model that it is for.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Maximum number of positions, including these.</param>
    public KeyValueCache Branch(TransformerDecoder transformer, int rows, int capacity)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        return IsOneForAll && transformer.IsWrittenOut ? Branch(transformer, this, rows, capacity) : Fork(transformer, rows, capacity);
    }

    /// <summary>Lets its rows, which hold only the prompt, take part in a shared reading.</summary>
    /// <param name="reading">The reading after this prompt; null for none.</param>
    /// <returns>This cache.</returns>
    public KeyValueCache Join(RunReading? reading)
    {
        if (reading is not null)
        {
            Follow(reading, [.. Enumerable.Repeat(reading.Root, RowCount)]);
        }

        return this;
    }

    /// <summary>Makes the cache read-only: from now on, forward passes see its positions and add none.</summary>
    /// <exception cref="InvalidOperationException">The cache is a branch.</exception>
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

    /// <summary>Creates a growing copy with several rows that all start with this cache's single row.</summary>
    /// <param name="transformer">The model that it is for.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Maximum number of positions, including these.</param>
    public KeyValueCache Fork(TransformerDecoder transformer, int rows, int capacity) => Fork(transformer, rows, capacity, Length);

    /// <summary>The same, with only the first positions of this cache.</summary>
    /// <param name="transformer">The model that it is for.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="capacity">Maximum number of positions, including these.</param>
    /// <param name="length">Number of positions to copy; at most <see cref="Length"/>.</param>
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

    /// <summary>
    /// Creates growing rows that continue rows of this branch. If the decoder can read them in place, nothing is copied: this cache then
    /// keeps their memory, and may be disposed first. Otherwise, or if this is itself a fan, the rows are copies.
    /// </summary>
    /// <param name="transformer">The model that it is for.</param>
    /// <param name="rows">The row that each new row continues; at least one. A row may be used several times.</param>
    /// <param name="capacity">Maximum number of positions, including these.</param>
    /// <param name="length">Number of positions to start with, including those of a trunk; at most <see cref="Length"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A row does not exist, or there are too few positions or too little capacity.
    /// </exception>
    public KeyValueCache Fan(TransformerDecoder transformer, IReadOnlyList<int> rows, int capacity, int length)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, length);
        foreach (int row in rows)
        {
            ThrowIfNotRow(row);
        }

        int own = length - TrunkLength;
        if (!transformer.IsWrittenOut || _trunk is null || own <= 0 || _layers[0].Lent is not null)
        {
            return Gather(transformer, [.. rows.Select(row => (this, row))], capacity, length);
        }

        _lentLength = Math.Max(_lentLength, length);
        int[] from = [.. rows];
        KeyValueCache fan = Branch(transformer, _trunk, from.Length, capacity - own, layer => _layers[layer].Lend(from, own), length);
        fan.FollowFrom([.. rows.Select(row => (this, row))]);
        return fan;
    }

    /// <summary>Creates a growing cache whose rows are copies of rows of other caches with equal lengths.</summary>
    /// <param name="transformer">The model that all of them are for.</param>
    /// <param name="rows">The source of each row; at least one. A row may be used several times.</param>
    /// <param name="capacity">Maximum number of positions, including the copied ones.</param>
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
    /// Creates a growing cache whose rows are copies of the first positions of rows of other caches. Branches of one trunk give a branch of
    /// it.
    /// </summary>
    /// <param name="transformer">The model that all of them are for.</param>
    /// <param name="rows">The source of each row; at least one. A row may be used several times.</param>
    /// <param name="capacity">Maximum number of positions, including the copied ones.</param>
    /// <param name="length">Number of positions to start with, including those of a trunk. Every source holds at least as many.</param>
    /// <exception cref="ArgumentException">The caches are branches of different trunks, or one of them is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row does not exist, or there is too little capacity.</exception>
    public static KeyValueCache Gather(
        TransformerDecoder transformer, IReadOnlyList<(KeyValueCache Source, int Row)> rows, int capacity, int length)
    {
        ArgumentNullException.ThrowIfNull(rows);
        KeyValueCache? trunk = rows[0].Source._trunk;
        if (rows.Any(row => row.Source._trunk != trunk || row.Source.Length < length) || length < rows[0].Source.TrunkLength)
        {
            throw new ArgumentException("The rows do not have the same beginning, or hold too few positions.", nameof(rows));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, length);
        foreach ((KeyValueCache source, int row) in rows)
        {
            source.ThrowIfNotRow(row);
        }

        KeyValueCache gathered = trunk is null
            ? Create(transformer, rows.Count, capacity)
            : Branch(transformer, trunk, rows.Count, capacity);
        int own = length - gathered.TrunkLength;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (transformer.Device.type == TorchSharp.DeviceType.CPU)
        {
            for (int row = 0; row < rows.Count; row++)
            {
                for (int index = 0; index < gathered._layers.Length; index++)
                {
                    gathered._layers[index].CopyRow(row, rows[row].Source._layers[index], rows[row].Row, own);
                }
            }

            gathered.Length = length;
            gathered.FollowFrom(rows);
            return gathered;
        }

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
        gathered.FollowFrom(rows);
        return gathered;
    }

    /// <summary>Removes the positions after a length. A growing cache writes its next positions there.</summary>
    /// <param name="length">
    /// Number of positions that remain; at most <see cref="Length"/>, and at least those that it does not hold itself and those that its
    /// fans read.
    /// </param>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, SharedLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, _lentLength);
        Length = length;
        if (Shared is { } reading)
        {
            Follow(reading, [.. _last.Select(token => token.At(length - reading.PromptTokens))]);
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

    /// <summary>
    /// Consecutive rows of this cache, read and written in place. When all of them have advanced, this cache must be advanced too.
    /// </summary>
    internal KeyValueCache Rows(long start, long count) =>
        new([.. _layers.Select(layer => layer.Rows(start, count))], Length, _trunk) { IsFrozen = IsFrozen };

    internal LayerCache Layer(int index)
    {
        LayerCache layer = _layers[index];
        layer.Start = Length - SharedLength;
        return layer;
    }

    internal void Advance(int positions)
    {
        if (!IsFrozen)
        {
            Length += positions;
            Shared = null;
        }
    }

    /// <summary>An empty cache of one row whose lowest layers are those of a frozen one.</summary>
    /// <param name="transformer">The model that it is for.</param>
    /// <param name="lower">The frozen cache, of a model with the same lowest layers.</param>
    /// <param name="layers">Number of these layers.</param>
    internal static KeyValueCache Above(TransformerDecoder transformer, KeyValueCache lower, int layers)
    {
        using var scope = NewDisposeScope();
        TransformerConfig config = transformer.Config;
        long[] shape = [1, config.KeyValueHeadCount, lower.Length, config.HeadSize];
        Tensor Room() => empty(shape, transformer.Dtype, transformer.Device).DetachFromDisposeScope();
        return new KeyValueCache(
            [.. Enumerable.Range(0, config.LayerCount)
                .Select(index => index < layers ? lower._layers[index].Rows(0, 1) : new LayerCache(Room(), Room()))],
            0);
    }

    /// <summary>Notes which tokens its rows end with.</summary>
    internal void Follow(RunReading reading, ReadToken[] last) => (Shared, _last) = (reading, last);

    /// <summary>A copy of some of the latest keys and values: [layers, 2, rows, groups, count, head].</summary>
    /// <param name="back">How many positions before the next one they begin.</param>
    /// <param name="count">Number of positions.</param>
    /// <returns>In no scope.</returns>
    internal Tensor Latest(int back, int count)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor like = _layers[0].Latest(0, 0).Keys;
        (long rows, long groups, long size) = (like.shape[0], like.shape[1], like.shape[3]);
        Tensor latest = empty([_layers.Length, 2, rows, groups, count, size], like.dtype, like.device).DetachFromDisposeScope();
        bool inPlace = like.device.type == TorchSharp.DeviceType.CPU;
        CachePlace place = inPlace ? CachePlace.Of(latest.view(-1, groups, count, size)) : default;
        long bytes = rows * place.RowStride * latest.ElementSize;
        for (int index = 0; index < _layers.Length; index++)
        {
            if (inPlace)
            {
                Layer(index).CopyLatest((place, place.After(bytes)), back, count);
                place = place.After(2 * bytes);
                continue;
            }

            (Tensor keys, Tensor values) = Layer(index).Latest(back, count);
            latest.select(0, index).select(0, 0).copy_(keys);
            latest.select(0, index).select(0, 1).copy_(values);
        }

        return latest;
    }

    private void FollowFrom(IReadOnlyList<(KeyValueCache Source, int Row)> rows)
    {
        if (rows[0].Source.Shared is { } reading && rows.All(row => row.Source.Shared == reading))
        {
            Follow(reading, [.. rows.Select(row => row.Source._last[row.Row].At(Length - reading.PromptTokens))]);
        }
    }

    // Rows are copied and read by address.
    private void ThrowIfNotRow(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, RowCount);
    }

    private static KeyValueCache Branch(TransformerDecoder transformer, KeyValueCache trunk, int rows, int capacity) =>
        Branch(transformer, trunk, rows, capacity, _ => null, trunk.Length);

    private static KeyValueCache Branch(
        TransformerDecoder transformer, KeyValueCache trunk, int rows, int capacity, Func<int, LentRows?> lent, int length)
    {
        TransformerConfig config = transformer.Config;
        long[] shape = [config.KeyValueHeadCount, rows, capacity - trunk.Length, config.HeadSize];
        Tensor Room() => empty(shape, transformer.Dtype, transformer.Device).transpose(0, 1).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        return new KeyValueCache(
            [.. trunk._layers.Select((layer, index) => new LayerCache(Room(), Room(), layer, lent(index)))], length, trunk);
    }
}
