using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Passes side by side: token positions of all, one after the other, with zeros after them where there are few.</summary>
/// <remarks>
/// The CPU's library multiplies a few rows by other kernels than many, and a rest of rows that a thread is left with too; the last bits
/// differ. With zeros in the place of what is missing a row's result does not depend on how many others there are, so that an answer does
/// not depend on what ran beside it (docs/decisions/0007).
/// </remarks>
internal sealed class PackedBatch
{
    /// <summary>Fewer rows than these, of every thread, are multiplied in another way.</summary>
    private const int ManyRows = 16;

    /// <summary>With more threads zeros would cost too much, and the last bits may differ.</summary>
    private const int MostThreads = 4;

    public PackedBatch(IReadOnlyList<PackedPass> parts, long tokens, Device device)
    {
        Parts = parts;
        Tokens = tokens;
        Padding = PaddingOf(tokens, device);
    }

    public IReadOnlyList<PackedPass> Parts { get; }

    /// <summary>Token positions of all parts.</summary>
    public long Tokens { get; }

    /// <summary>Rows of zeros after them.</summary>
    public long Padding { get; }

    /// <summary>Puts the parts' tensors [tokens, width] together, and the zeros: [tokens of all, width].</summary>
    public Tensor Join(IReadOnlyList<Tensor> parts) => Join(parts, Padding);

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

        long few = ManyRows * Math.Min(get_num_threads(), MostThreads);
        return tokens < few ? ((tokens + ManyRows - 1) / ManyRows * ManyRows) - tokens : 0;
    }
}
