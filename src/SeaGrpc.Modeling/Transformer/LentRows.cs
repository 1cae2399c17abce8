using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The first positions of rows of another cache, in one layer, which rows that go on from them read in their place. What it refers to lives
/// as long as it does.
/// </summary>
/// <param name="keys">A view of that layer's keys [rows, groups, capacity, head]; taken over.</param>
/// <param name="values">The same of its values.</param>
/// <param name="rows">The row of these that each row goes on from.</param>
/// <param name="count">Positions of each.</param>
internal sealed class LentRows(Tensor keys, Tensor values, int[] rows, int count) : IDisposable
{
    public int Count => count;

    public int[] Rows => rows;

    public CachePlace Keys { get; } = CachePlace.Of(keys);

    public CachePlace Values { get; } = CachePlace.Of(values);

    /// <summary>What some consecutive rows go on from.</summary>
    public LentRows Of(long start, long rowCount) => new(
        keys.alias().DetachFromDisposeScope(), values.alias().DetachFromDisposeScope(), rows[(int)start..(int)(start + rowCount)], count);

    /// <summary>A copy for every row: [rows, groups, count, head].</summary>
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
