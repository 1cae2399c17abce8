using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// Layout of a pass's queries, keys and values by head. A block is one group of one row: the queries of the heads that share a key/value
/// head, [share * positions, head], with its keys and values, [positions, head].
/// </summary>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Positions">New positions of each row.</param>
/// <param name="Groups">Number of key/value heads.</param>
/// <param name="Share">Query heads per group.</param>
/// <param name="Size">Width of one head.</param>
/// <param name="RowsInside">
/// Whether all rows of a group are side by side, so that one product multiplies them by the keys of one shared prompt. Otherwise all groups
/// of a row are side by side.
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

    /// <summary>Index of the block of one group of a row.</summary>
    public long Block(long row, long group) => RowsInside ? (group * Rows) + row : (row * Groups) + group;

    /// <summary>The row and group of a block.</summary>
    public (long Row, long Group) Of(long block) => RowsInside ? (block % Rows, block / Rows) : (block / Groups, block % Groups);

    /// <summary>The memory location of the new positions' keys in [blocks, positions, head].</summary>
    public unsafe CachePlace PlaceOf(Tensor blocks)
    {
        long block = Positions * Size;
        return new CachePlace(
            (nint)TensorPointer.Of<byte>(blocks), RowsInside ? block : Groups * block, RowsInside ? Rows * block : block);
    }
}
