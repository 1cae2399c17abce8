using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// How a pass's queries, keys and values stand head by head. A block is one row's one group: the queries of the heads that share a
/// key/value head, [share * positions, head], beside its keys and values, [positions, head].
/// </summary>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Positions">New positions of each.</param>
/// <param name="Groups">Key/value heads.</param>
/// <param name="Share">Query heads of each group.</param>
/// <param name="Size">Width of one head.</param>
/// <param name="RowsInside">
/// Whether all rows of a group stand side by side, so that they meet the keys of one shared prompt in one product; else all groups of a row
/// do.
/// </param>
internal readonly record struct HeadLayout(long Rows, long Positions, int Groups, int Share, int Size, bool RowsInside)
{
    /// <summary>Number of blocks.</summary>
    public long Blocks => Rows * Groups;

    /// <summary>Queries of a block.</summary>
    public long Queries => Share * Positions;

    /// <summary>Query heads.</summary>
    public int Heads => Groups * Share;

    /// <summary>Width of a token's queries, keys and values together.</summary>
    public long FusedWidth => (Heads + (2L * Groups)) * Size;

    /// <summary>Where a row's group stands among the blocks.</summary>
    public long Block(long row, long group) => RowsInside ? (group * Rows) + row : (row * Groups) + group;

    /// <summary>The row and group of a block.</summary>
    public (long Row, long Group) Of(long block) => RowsInside ? (block % Rows, block / Rows) : (block / Groups, block % Groups);

    /// <summary>Where the new positions' keys stand among [blocks, positions, head].</summary>
    public unsafe CachePlace PlaceOf(Tensor blocks)
    {
        long block = Positions * Size;
        return new CachePlace(
            (nint)TensorPointer.Of<byte>(blocks), RowsInside ? block : Groups * block, RowsInside ? Rows * block : block);
    }
}
