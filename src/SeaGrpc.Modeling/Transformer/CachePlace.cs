using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Where a layer's keys, or its values, stand in the process's memory.</summary>
/// <param name="Address">Of the first number; 0 where there is none.</param>
/// <param name="RowStride">From a row to the next one, in numbers.</param>
/// <param name="GroupStride">From a row's group to its next one, in numbers. Positions follow each other.</param>
internal readonly record struct CachePlace(nint Address, long RowStride, long GroupStride)
{
    /// <summary>Of a tensor on the CPU.</summary>
    /// <param name="tensor">[rows, groups, positions, head]; a block of positions is contiguous.</param>
    public static unsafe CachePlace Of(Tensor tensor) => tensor.NumberOfElements == 0
        ? default
        : new CachePlace((nint)TensorPointer.Of<byte>(tensor), tensor.stride(0), tensor.stride(1));

    /// <summary>The address of a row's group.</summary>
    /// <param name="row">The row.</param>
    /// <param name="group">The group.</param>
    /// <param name="numberBytes">Bytes of a number.</param>
    public nint Of(long row, long group, long numberBytes) =>
        Address + (nint)(((row * RowStride) + (group * GroupStride)) * numberBytes);

    /// <summary>The same from a later position on.</summary>
    /// <param name="bytes">Bytes between.</param>
    public CachePlace After(long bytes) => this with { Address = Address + (nint)bytes };
}
