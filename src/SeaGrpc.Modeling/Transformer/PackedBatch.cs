using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// Several passes in one batch: the token positions of all, one after the other, followed by rows of zeros if there are few in float32 and
/// libtorch computes the products.
/// </summary>
/// <remarks>
/// libtorch's library for the CPU uses different kernels for few rows, and for the remainder of rows of a thread. Their results differ in
/// the last bits. With zeros in place of the missing rows, the result of a row does not depend on the number of other rows. So a response
/// does not depend on what ran at the same time (docs/decisions/0007). The own products (<see cref="MatrixProducts"/>) and libtorch's in
/// bfloat16 have one order of adding for all numbers of rows, and zeros would only take time.
/// </remarks>
internal sealed class PackedBatch
{
    /// <summary>Below this number of rows per thread, other kernels are used.</summary>
    private const int ManyRows = 16;

    /// <summary>Maximum number of threads. With more, zeros would cost too much, and the last bits may differ.</summary>
    private const int MostThreads = 4;

    /// <summary>A batch of passes.</summary>
    /// <param name="parts">The passes, one after the other.</param>
    /// <param name="tokens">Number of token positions of all of them.</param>
    /// <param name="device">Device of the weights.</param>
    /// <param name="dtype">Number format of the weights.</param>
    /// <param name="withGraph">Whether libtorch's operators compute it, so that there may be an autograd graph.</param>
    public PackedBatch(IReadOnlyList<PackedPass> parts, long tokens, Device device, ScalarType dtype, bool withGraph)
    {
        Parts = parts;
        Tokens = tokens;
        Padding = PaddingOf(tokens, device, dtype, withGraph);
    }

    public IReadOnlyList<PackedPass> Parts { get; }

    /// <summary>Number of token positions of all parts.</summary>
    public long Tokens { get; }

    /// <summary>Number of rows of zeros after them.</summary>
    public long Padding { get; }

    /// <summary>Concatenates the parts' tensors [tokens, width] and the zeros: [all tokens, width].</summary>
    public Tensor Join(IReadOnlyList<Tensor> parts) => Join(parts, Padding);

    /// <summary>Concatenates rows [rows, width] of several tensors and the zeros that such a batch needs.</summary>
    public static Tensor Filled(IReadOnlyList<Tensor> parts) =>
        Join(parts, PaddingOf(parts.Sum(part => part.shape[0]), parts[0].device, parts[0].dtype, withGraph: false));

    private static Tensor Join(IReadOnlyList<Tensor> parts, long padding)
    {
        if (padding == 0)
        {
            return parts.Count == 1 ? parts[0] : cat([.. parts]);
        }

        return cat([.. parts, zeros([padding, parts[0].shape[1]], parts[0].dtype, parts[0].device)]);
    }

    private static long PaddingOf(long tokens, Device device, ScalarType dtype, bool withGraph)
    {
        if (device.type != TorchSharp.DeviceType.CPU || dtype != ScalarType.Float32
            || (!withGraph && MatrixProducts.AreOwnFor(dtype, device)))
        {
            return 0;
        }

        long few = ManyRows * Math.Min(get_num_threads(), MostThreads);
        return tokens < few ? ((tokens + ManyRows - 1) / ManyRows * ManyRows) - tokens : 0;
    }
}
