namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>The position of one tensor in a safetensors file.</summary>
/// <param name="Dtype">The element type as in the file: F32, BF16, I64.</param>
/// <param name="Shape">Sizes of the dimensions; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last one.</param>
public sealed record SafetensorsEntry(string Dtype, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements; 1 for a scalar.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Size in bytes.</summary>
    public long ByteCount => End - Begin;
}
