using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The memory location of a layer's keys or values.</summary>
/// <param name="Address">Address of the first number; 0 if there is none.</param>
/// <param name="RowStride">Numbers from one row to the next.</param>
/// <param name="GroupStride">Numbers from one group of a row to the next. Positions are consecutive.</param>
internal readonly record struct CachePlace(nint Address, long RowStride, long GroupStride)
{
    /// <summary>The location of a CPU tensor.</summary>
    /// <param name="tensor">[rows, groups, positions, head]. Consecutive positions are contiguous.</param>
    public static unsafe CachePlace Of(Tensor tensor) => tensor.NumberOfElements == 0
        ? default
        : new CachePlace((nint)TensorPointer.Of<byte>(tensor), tensor.stride(0), tensor.stride(1));

    /// <summary>The address of one group of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="group">The group.</param>
    /// <param name="numberBytes">Bytes per number.</param>
    public nint Of(long row, long group, long numberBytes) =>
        Address + (nint)(((row * RowStride) + (group * GroupStride)) * numberBytes);

    /// <summary>The same location, from a later position on.</summary>
    /// <param name="bytes">Offset in bytes.</param>
    public CachePlace After(long bytes) => this with { Address = Address + (nint)bytes };
}
