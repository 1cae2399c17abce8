using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Finds NaN and infinite numbers, whose exponent bits are all ones.</summary>
internal static class NonFiniteNumbers
{
    private const ushort BFloat16Exponent = 0x7F80;
    private const ushort HalfExponent = 0x7C00;
    private const uint SingleExponent = 0x7F80_0000;

    /// <summary>Index of the first one, or -1.</summary>
    /// <param name="bytes">Numbers as stored in the file.</param>
    /// <param name="stored">Their type: Float32, Float16 or BFloat16.</param>
    public static int IndexIn(ReadOnlySpan<byte> bytes, ScalarType stored) => stored switch
    {
        ScalarType.Float32 => IndexOf(MemoryMarshal.Cast<byte, uint>(bytes), SingleExponent),
        ScalarType.Float16 => IndexOf(MemoryMarshal.Cast<byte, ushort>(bytes), HalfExponent),
        ScalarType.BFloat16 => IndexOf(MemoryMarshal.Cast<byte, ushort>(bytes), BFloat16Exponent),
        _ => throw new ArgumentOutOfRangeException(nameof(stored), stored, "Weights are Float32, Float16 or BFloat16."),
    };

    private static int IndexOf<T>(ReadOnlySpan<T> numbers, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        Vector256<T> ones = Vector256.Create(exponent);
        int at = 0;
        while (at <= numbers.Length - Vector256<T>.Count && !Vector256.EqualsAny(Vector256.Create(numbers[at..]) & ones, ones))
        {
            at += Vector256<T>.Count;
        }

        for (; at < numbers.Length; at++)
        {
            if ((numbers[at] & exponent) == exponent)
            {
                return at;
            }
        }

        return -1;
    }
}
