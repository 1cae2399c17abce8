using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Passes side by side: token positions of all, one after the other, with zeros after them where there are few.</summary>
/// <remarks>
/// The CPU's library multiplies four rows at a time, and what is left over another way, the last bits of which differ. Where
/// threads share few rows, one of them may have such a rest. With zeros in its place a row's result does not depend on how
/// many others there are, so that an answer does not depend on what ran beside it (docs/decisions/0007).
/// </remarks>
internal sealed class PackedBatch
{
    private const int RowsAtATime = 4;

    /// <summary>With more threads zeros would cost too much, and the last bits may differ.</summary>
    private const int MostThreads = 4;

    /// <summary>Where every thread has so many rows, a rest is no longer split off.</summary>
    private const int ManyRowsPerThread = 16;

    private readonly long padding;

    public PackedBatch(IReadOnlyList<PackedPass> parts, long tokens, Device device)
    {
        Parts = parts;
        padding = PaddingOf(tokens, device);
    }

    public IReadOnlyList<PackedPass> Parts { get; }

    /// <summary>Puts the parts' tensors [tokens, width] together, and the zeros: [tokens of all, width].</summary>
    public Tensor Join(IReadOnlyList<Tensor> parts) => Join(parts, padding);

    /// <summary>Rows [rows, width] of several tensors in one, and the zeros that such a batch has.</summary>
    public static Tensor Filled(IReadOnlyList<Tensor> parts) => Join(parts, PaddingOf(parts.Sum(part => part.shape[0]), parts[0].device));

    private static Tensor Join(IReadOnlyList<Tensor> parts, long padding)
    {
        if (padding == 0)
        {
            return parts.Count == 1 ? parts[0] : cat([.. parts]);
        }

        return cat([.. parts, zeros([padding, parts[0].shape[1]], parts[0].dtype, parts[0].device)]);
    }

    private static long PaddingOf(long tokens, Device device)
    {
        if (device.type != TorchSharp.DeviceType.CPU)
        {
            return 0;
        }

        long threads = Math.Min(get_num_threads(), MostThreads);
        long step = RowsAtATime * threads;
        return tokens < ManyRowsPerThread * threads ? ((tokens + step - 1) / step * step) - tokens : 0;
    }
}
