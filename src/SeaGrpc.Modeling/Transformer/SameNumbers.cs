using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Compares tensors that hold finite numbers.</summary>
internal static class SameNumbers
{
    private const long MaxBytes = 1L << 30;

    /// <summary>
    /// Whether two contiguous tensors have the same shape, number format, device and numbers: on the CPU the same bits.
    /// </summary>
    public static bool Are(Tensor one, Tensor other)
    {
        if (one.dtype != other.dtype || one.device.ToString() != other.device.ToString() || !one.shape.AsSpan().SequenceEqual(other.shape))
        {
            return false;
        }

        if (one.device_type == TorchSharp.DeviceType.CPU)
        {
            return HaveSameBits(one, other, one.NumberOfElements * one.ElementSize);
        }

        using var scope = NewDisposeScope();
        return one.eq(other).all().item<bool>();
    }

    /// <summary>Whether two lists have as many tensors, which are the same one by one.</summary>
    public static bool Are(IEnumerable<Tensor> some, IEnumerable<Tensor> others)
    {
        Tensor[] own = [.. some];
        Tensor[] theirs = [.. others];
        return own.Length == theirs.Length && own.Zip(theirs).All(pair => Are(pair.First, pair.Second));
    }

    private static unsafe bool HaveSameBits(Tensor one, Tensor other, long bytes)
    {
        byte* left = TensorPointer.Of<byte>(one);
        byte* right = TensorPointer.Of<byte>(other);
        for (long first = 0; first < bytes; first += MaxBytes)
        {
            int size = (int)Math.Min(bytes - first, MaxBytes);
            if (!new ReadOnlySpan<byte>(left + first, size).SequenceEqual(new ReadOnlySpan<byte>(right + first, size)))
            {
                return false;
            }
        }

        return true;
    }
}
