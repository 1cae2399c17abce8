using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The first positions of rows of another cache, in one layer. Rows that continue them read them in place. The tensors stay alive as long
/// as this object.
/// </summary>
/// <param name="keys">A view of the other layer's keys [rows, groups, capacity, head]; taken over.</param>
/// <param name="values">A view of its values; taken over.</param>
/// <param name="rows">The row that each row continues.</param>
/// <param name="count">Number of positions.</param>
internal sealed class LentRows(Tensor keys, Tensor values, int[] rows, int count) : IDisposable
{
    public int Count => count;

    public int[] Rows => rows;

    public CachePlace Keys { get; } = CachePlace.Of(keys);

    public CachePlace Values { get; } = CachePlace.Of(values);

    /// <summary>The lent rows of some consecutive rows.</summary>
    public LentRows Of(long start, long rowCount) => new(
        keys.alias().DetachFromDisposeScope(), values.alias().DetachFromDisposeScope(), rows[(int)start..(int)(start + rowCount)], count);

    /// <summary>Copies for every row: [rows, groups, count, head].</summary>
    public (Tensor Keys, Tensor Values) Copies()
    {
        using Tensor index = tensor(rows.Select(row => (long)row).ToArray(), device: keys.device);
        return (keys.narrow(2, 0, count).index_select(0, index), values.narrow(2, 0, count).index_select(0, index));
    }

    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
    }
}
