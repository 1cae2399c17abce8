namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Recognises quantised weights by the names and element types in a file's header.</summary>
internal static class QuantizedWeights
{
    private static readonly (string Ending, string Kind)[] Endings =
    [
        (".qweight", "GPTQ or AWQ"),
        (".absmax", "bitsandbytes"),
        (".SCB", "bitsandbytes"),
        (".weight_packed", "compressed-tensors"),
        (".weight_scale", "FP8 or INT8"),
        (".weight_scale_inv", "FP8"),
    ];

    /// <exception cref="CheckpointException">The file's weights are quantised.</exception>
    internal static void Refuse(SafetensorsFile file)
    {
        foreach ((string name, SafetensorsEntry entry) in file.Entries)
        {
            string? kind = Endings.FirstOrDefault(known => name.EndsWith(known.Ending, StringComparison.Ordinal)).Kind
                ?? (
                    entry.Dtype.StartsWith("F8_", StringComparison.Ordinal) || entry.Dtype.StartsWith("F4", StringComparison.Ordinal)
                        ? entry.Dtype
                        : null);
            if (kind is not null)
            {
                throw new CheckpointException(
                    file.Path,
                    $"the weights are quantised ({kind}: tensor '{name}', {entry.Dtype}), which is not supported: gradients at the "
                    + "embeddings need the weights themselves. Use the checkpoint that it was made from, in F32, F16 or BF16.");
            }
        }
    }
}
