using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>How a tensor stores numbers: conversion of eight numbers to fp32 and back.</summary>
/// <typeparam name="T">One stored number.</typeparam>
internal unsafe interface INumberFormat<T>
    where T : unmanaged
{
    static abstract Vector256<float> Load(T* source);

    static abstract void Store(Vector256<float> values, T* target);

    /// <summary>Stores values that <see cref="Rounded"/> has returned.</summary>
    static abstract void StoreRounded(Vector256<float> rounded, T* target);

    /// <summary>The values as they would be read after storing them.</summary>
    static abstract Vector256<float> Rounded(Vector256<float> values);

    /// <summary>Sixteen numbers; where <see cref="Vectors.AreWide"/>, as the two below.</summary>
    static abstract Vector512<float> LoadWide(T* source);

    static abstract void StoreRoundedWide(Vector512<float> rounded, T* target);

    static abstract Vector512<float> RoundedWide(Vector512<float> values);

    /// <summary>One number in fp32.</summary>
    static abstract float Widened(T number);
}

/// <summary>fp32.</summary>
internal readonly unsafe struct SingleFormat : INumberFormat<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, float* target) => values.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRounded(Vector256<float> rounded, float* target) => rounded.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Rounded(Vector256<float> values) => values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadWide(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRoundedWide(Vector512<float> rounded, float* target) => rounded.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> RoundedWide(Vector512<float> values) => values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widened(float number) => number;
}

/// <summary>bfloat16: the upper half of fp32, rounded to nearest, ties to even.</summary>
internal readonly unsafe struct BFloat16Format : INumberFormat<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ushort* source)
    {
        if (Avx2.IsSupported)
        {
            return (Avx2.ConvertToVector256Int32(source) << 16).AsSingle();
        }

        Vector128<ushort> stored = Vector128.Load(source);
        return (Vector256.Create(Vector128.WidenLower(stored), Vector128.WidenUpper(stored)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, ushort* target) => StoreUpper(Upper(values), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRounded(Vector256<float> rounded, ushort* target) => StoreUpper(rounded.AsUInt32() >> 16, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Rounded(Vector256<float> values) => (Upper(values) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadWide(ushort* source) => (Avx512F.ConvertToVector512Int32(Vector256.Load(source)) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRoundedWide(Vector512<float> rounded, ushort* target) =>
        Avx512F.ConvertToVector256UInt16(rounded.AsUInt32() >> 16).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> RoundedWide(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded =
            (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) & Vector512.Create(0xFFFF0000u);
        return Vector512.ConditionalSelect(Vector512.IsNaN(values).AsUInt32(), Vector512.Create(0x7FC00000u), rounded).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widened(ushort number) => BitConverter.UInt32BitsToSingle((uint)number << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreUpper(Vector256<uint> upper, ushort* target)
    {
        Vector128<ushort> narrowed = Avx512F.VL.IsSupported
            ? Avx512F.VL.ConvertToVector128UInt16(upper)
            : Vector128.Narrow(upper.GetLower(), upper.GetUpper());
        narrowed.Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Upper(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32();
        Vector256<uint> rounded = (bits + Vector256.Create(0x7FFFu) + ((bits >> 16) & Vector256<uint>.One)) >> 16;
        return Vector256.ConditionalSelect(Vector256.IsNaN(values).AsUInt32(), Vector256.Create(0x7FC0u), rounded);
    }
}
