using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Splits one token's queries, keys and values into heads, normalises and rotates them, and merges their gradients.</summary>
internal static unsafe class HeadKernels<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    /// <summary>One head: the norm, if there is one, then the rotation of its first dimensions.</summary>
    /// <param name="head">[size].</param>
    /// <param name="rotated">[size].</param>
    /// <param name="shape">Sizes, rotation and norm.</param>
    /// <param name="norm">The norm's weight [size], or null.</param>
    /// <param name="position">Row of the rotary table.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate(T* head, T* rotated, in HeadShape<T> shape, T* norm, long position)
    {
        T* normalised = stackalloc T[norm == null ? 0 : shape.Size];
        if (norm != null)
        {
            NormKernels<T, TFormat>.Forward(head, norm, normalised, shape.Size, shape.Epsilon, shape.UnitOffset);
            head = normalised;
        }

        long half = shape.Rotated / 2;
        T* cosine = shape.Cosine + (position * shape.Rotated);
        T* sine = shape.Sine + (position * shape.Rotated);
        for (long at = 0; at < half; at += Vectors.Width)
        {
            Vector256<float> first = Vectors.Load<T, TFormat>(head, at, half);
            Vector256<float> second = Vectors.Load<T, TFormat>(head + half, at, half);
            // The first half of the sines is negative.
            Vectors.Store<T, TFormat>(
                Vector256.FusedMultiplyAdd(
                    second, Vectors.Load<T, TFormat>(sine, at, half), first * Vectors.Load<T, TFormat>(cosine, at, half)), rotated, at,
                    half);
            Vectors.Store<T, TFormat>(
                Vector256.FusedMultiplyAdd(
                    first, Vectors.Load<T, TFormat>(sine + half, at, half), second * Vectors.Load<T, TFormat>(cosine + half, at, half)),
                    rotated + half, at, half);
        }

        Copy(head + shape.Rotated, rotated + shape.Rotated, shape.Size - shape.Rotated);
    }

    /// <summary>The gradient at a head, from the gradient at the result of <see cref="Rotate"/>.</summary>
    /// <param name="gradient">[size].</param>
    /// <param name="head">The head before norm and rotation [size]; read only if there is a norm.</param>
    /// <param name="result">[size].</param>
    /// <param name="shape">Sizes, rotation and norm.</param>
    /// <param name="norm">The norm's weight [size], or null.</param>
    /// <param name="position">Row of the rotary table.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RotateBack(T* gradient, T* head, T* result, in HeadShape<T> shape, T* norm, long position)
    {
        T* own = stackalloc T[norm == null ? 0 : shape.Size];
        T* back = norm == null ? result : own;
        long half = shape.Rotated / 2;
        T* cosine = shape.Cosine + (position * shape.Rotated);
        T* sine = shape.Sine + (position * shape.Rotated);
        for (long at = 0; at < half; at += Vectors.Width)
        {
            Vector256<float> first = Vectors.Load<T, TFormat>(gradient, at, half);
            Vector256<float> second = Vectors.Load<T, TFormat>(gradient + half, at, half);
            Vectors.Store<T, TFormat>(
                Vector256.FusedMultiplyAdd(
                    second, Vectors.Load<T, TFormat>(sine + half, at, half), first * Vectors.Load<T, TFormat>(cosine, at, half)), back, at,
                    half);
            Vectors.Store<T, TFormat>(
                Vector256.FusedMultiplyAdd(
                    first, Vectors.Load<T, TFormat>(sine, at, half), second * Vectors.Load<T, TFormat>(cosine + half, at, half)), back
                        + half, at, half);
        }

        Copy(gradient + shape.Rotated, back + shape.Rotated, shape.Size - shape.Rotated);
        if (norm != null)
        {
            NormKernels<T, TFormat>.Backward(head, norm, own, result, shape.Size, shape.Epsilon, shape.UnitOffset, add: false);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(T* source, T* target, long count) => Unsafe.CopyBlockUnaligned(target, source, (uint)(count * sizeof(T)));
}

/// <summary>Sizes, rotation and norm of heads.</summary>
/// <param name="size">Width of a head.</param>
/// <param name="rotated">Number of dimensions that are rotated, from the first one.</param>
/// <param name="cosine">Cosines of the pass's positions [positions, rotated].</param>
/// <param name="sine">Sines of the pass's positions [positions, rotated]; their first half is negative.</param>
/// <param name="epsilon">Epsilon of the heads' norm.</param>
/// <param name="unitOffset">Whether the heads' norm multiplies by 1 + weight.</param>
internal readonly unsafe struct HeadShape<T>(int size, int rotated, T* cosine, T* sine, float epsilon, bool unitOffset)
    where T : unmanaged
{
    public readonly int Size = size;
    public readonly int Rotated = rotated;
    public readonly T* Cosine = cosine;
    public readonly T* Sine = sine;
    public readonly float Epsilon = epsilon;
    public readonly bool UnitOffset = unitOffset;
}
