using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>bfloat16 is the upper half of a float.</summary>
internal static class BFloat16Numbers
{
    /// <summary>Converts numbers to floats, exactly.</summary>
    /// <param name="numbers">bfloat16 numbers, little-endian as in files.</param>
    /// <param name="floats">Receives the floats; has the same length.</param>
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
