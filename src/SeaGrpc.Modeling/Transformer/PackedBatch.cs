using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Passes side by side: token positions of all, one after the other, with zeros after them where there are few.</summary>
/// <remarks>
/// A matrix product of fewer than four rows a thread goes another way through the CPU's library, and its last bits differ. With
/// zeros in their place a row's result does not depend on how many others there are, so that an answer does not depend on what
/// ran beside it (docs/decisions/0006).
/// </remarks>
internal sealed class PackedBatch
{
    private const int RowsPerThread = 4;
    private const int MostPadding = 64;

    private readonly long padding;
    private readonly Device device;

    public PackedBatch(IReadOnlyList<PackedPass> parts, long tokens, Device device)
    {
        Parts = parts;
        this.device = device;
        padding = device.type == TorchSharp.DeviceType.CPU ? Math.Max(0, Math.Min(MostPadding, RowsPerThread * get_num_threads()) - tokens) : 0;
    }

    public IReadOnlyList<PackedPass> Parts { get; }

    /// <summary>Puts the parts' tensors [tokens, width] together, and the zeros: [tokens of all, width].</summary>
    public Tensor Join(IReadOnlyList<Tensor> parts)
    {
        if (padding == 0)
        {
            return parts.Count == 1 ? parts[0] : cat([.. parts]);
        }

        return cat([.. parts, zeros([padding, parts[0].shape[1]], parts[0].dtype, device)]);
    }
}
