using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>bfloat16 is the upper half of a float.</summary>
internal static class BFloat16Numbers
{
    /// <summary>Writes numbers as floats, exactly.</summary>
    /// <param name="numbers">Little-endian, as files have them.</param>
    /// <param name="floats">As many.</param>
    public static void ToSingle(ReadOnlySpan<ushort> numbers, Span<float> floats)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(floats)[..numbers.Length];
        int at = 0;
        for (; at <= numbers.Length - Vector256<ushort>.Count; at += Vector256<ushort>.Count)
        {
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Create(numbers[at..]));
            (lower << 16).CopyTo(bits[at..]);
            (upper << 16).CopyTo(bits[(at + Vector256<uint>.Count)..]);
        }

        for (; at < numbers.Length; at++)
        {
            bits[at] = (uint)numbers[at] << 16;
        }
    }
}
