namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="Dtype">The element type as the file names it: F32, BF16, I64.</param>
/// <param name="Shape">The sizes of the dimensions; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the first byte after the header.</param>
/// <param name="End">The byte after the last one.</param>
public sealed record SafetensorsEntry(string Dtype, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements; 1 for a scalar.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Size in bytes.</summary>
    public long ByteCount => End - Begin;
}
