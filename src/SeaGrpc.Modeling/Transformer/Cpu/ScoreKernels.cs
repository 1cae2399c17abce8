using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The softmax of one query's scores against the prompt's keys and its own row's keys, without concatenating them. The backward pass uses
/// recomputed scores instead of a stored softmax (Dao et al., "FlashAttention", NeurIPS 2022).
/// </summary>
internal static unsafe class ScoreKernels<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    /// <summary>Replaces scores by exp(score - maximum), and masked ones by 0.</summary>
    /// <param name="prompt">Scores against the prompt's keys, or null.</param>
    /// <param name="own">Scores against the row's own keys.</param>
    /// <param name="visible">The keys that the query sees.</param>
    /// <param name="scale">Factor and soft cap.</param>
    /// <returns>The logarithm of the sum of exp(score), and the reciprocal of the sum of the values written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float LogSum, float InverseSum) Forward(T* prompt, T* own, in VisibleKeys visible, ScoreScale scale)
    {
        float top = Math.Max(
            Vectors.Highest<T, TFormat>(prompt, visible.PromptFirst, visible.PromptEnd),
            Vectors.Highest<T, TFormat>(own, visible.OwnFirst, visible.OwnEnd)
        );
        top = scale.Apply(Vector256.Create(top))[0];
        Vector256<float> sums =
            Exponentials(prompt, visible.PromptFirst, visible.PromptEnd, top, scale)
            + Exponentials(own, visible.OwnFirst, visible.OwnEnd, top, scale);
        Clear(prompt, 0, visible.PromptFirst);
        Clear(own, 0, visible.OwnFirst);
        Clear(own, visible.OwnEnd, visible.OwnCount);
        float sum = Vector256.Sum(sums);
        return (top + MathF.Log(sum), 1 / sum);
    }

    /// <summary>
    /// Replaces the gradients at the softmax by those at the scores: s (g - delta), where s = exp(score - logSum). The row's own scores
    /// become s.
    /// </summary>
    /// <param name="scores">Scores.</param>
    /// <param name="gradients">Gradients at the softmax; overwritten.</param>
    /// <param name="first">First key that the query sees.</param>
    /// <param name="end">End of the keys that the query sees.</param>
    /// <param name="count">Number of keys.</param>
    /// <param name="logSum">The result of <see cref="Forward"/>.</param>
    /// <param name="delta">The sum of the output times the gradient at the output.</param>
    /// <param name="scale">Factor and soft cap.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(T* scores, T* gradients, long first, long end, long count, float logSum, float delta, ScoreScale scale)
    {
        Clear(scores, 0, first);
        Clear(gradients, 0, first);
        var sum = Vector256.Create(logSum);
        var mean = Vector256.Create(delta);
        for (long at = first; at < end; at += Vectors.Width)
        {
            (Vector256<float> value, Vector256<float> slope) = scale.ApplyWithSlope(Vectors.Load<T, TFormat>(scores, at, end));
            Vector256<float> share = Vectors.Exp(value - sum);
            Vectors.Store<T, TFormat>(share, scores, at, end);
            Vectors.Store<T, TFormat>(share * (Vectors.Load<T, TFormat>(gradients, at, end) - mean) * slope, gradients, at, end);
        }

        Clear(scores, end, count);
        Clear(gradients, end, count);
    }

    private static Vector256<float> Exponentials(T* scores, long first, long end, float top, ScoreScale scale) => scale.Cap == 0
        ? Exponentials<Uncapped>(scores, first, end, top, scale)
        : Exponentials<Capped>(scores, first, end, top, scale);

    // Compiled once for each kind of scale: a branch within the loop would keep the sums in memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector256<float> Exponentials<TCap>(T* scores, long first, long end, float top, ScoreScale scale)
        where TCap : IScoreCap
    {
        var highest = Vector256.Create(top);
        Vector256<float> sums = default;
        long at = first;
        if (Vectors.AreWide && scale.Cap == 0)
        {
            var factor = Vector512.Create(scale.Factor);
            var above = Vector512.Create(top);
            for (; at + Vectors.Wide <= end; at += Vectors.Wide)
            {
                Vector512<float> value = TFormat.RoundedWide(Vectors.Exp((TFormat.LoadWide(scores + at) * factor) - above));
                TFormat.StoreRoundedWide(value, scores + at);
                // In the order of the loop below.
                sums = sums + value.GetLower() + value.GetUpper();
            }
        }

        for (; at + Vectors.Width <= end; at += Vectors.Width)
        {
            Vector256<float> value = TFormat.Rounded(Vectors.Exp(TCap.Apply(scale, TFormat.Load(scores + at)) - highest));
            TFormat.StoreRounded(value, scores + at);
            sums += value;
        }

        return at < end ? AddRest<TCap>(sums, scores, at, end, highest, scale) : sums;
    }

    // The last numbers of a row are added to the first of the sums.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> AddRest<TCap>(
        Vector256<float> sums, T* scores, long at, long end, Vector256<float> highest, ScoreScale scale)
        where TCap : IScoreCap
    {
        Vector256<float> value = TFormat.Rounded(
            Vectors.Exp(TCap.Apply(scale, Vectors.Load<T, TFormat>(scores, at, end)) - highest));
        Vectors.Store<T, TFormat>(value, scores, at, end);
        float sum = sums[0];
        for (int lane = 0; lane < end - at; lane++)
        {
            sum += value[lane];
        }

        return sums.WithElement(0, sum);
    }

    private static void Clear(T* scores, long first, long end)
    {
        if (end > first)
        {
            Unsafe.InitBlockUnaligned(scores + first, 0, (uint)((end - first) * sizeof(T)));
        }
    }
}

/// <summary>Scaling of the products of queries and keys before the softmax: factor s, or cap tanh(factor s / cap).</summary>
/// <param name="Factor">Reciprocal of the scores' divisor.</param>
/// <param name="Cap">The soft cap, or 0 for none.</param>
internal readonly record struct ScoreScale(float Factor, float Cap)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Apply(Vector256<float> scores) => Cap == 0 ? scores * Factor : Vectors.Tanh(scores * (Factor / Cap)) * Cap;

    /// <summary>The scaled score and its derivative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector256<float> Value, Vector256<float> Slope) ApplyWithSlope(Vector256<float> scores)
    {
        if (Cap == 0)
        {
            return (scores * Factor, Vector256.Create(Factor));
        }

        Vector256<float> tangent = Vectors.Tanh(scores * (Factor / Cap));
        return (tangent * Cap, (Vector256<float>.One - (tangent * tangent)) * Factor);
    }
}

/// <summary>How scores are scaled before the softmax.</summary>
internal interface IScoreCap
{
    static abstract Vector256<float> Apply(ScoreScale scale, Vector256<float> scores);
}

/// <summary>By a factor alone.</summary>
internal readonly struct Uncapped : IScoreCap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(ScoreScale scale, Vector256<float> scores) => scores * scale.Factor;
}

/// <summary>By a factor and a soft cap.</summary>
internal readonly struct Capped : IScoreCap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(ScoreScale scale, Vector256<float> scores) => scale.Apply(scores);
}

/// <summary>The keys that one query sees: a range of the prompt's keys, and one of its own row's keys.</summary>
/// <param name="PromptFirst">First visible key of the prompt.</param>
/// <param name="PromptEnd">Number of the prompt's keys.</param>
/// <param name="OwnFirst">First visible key of its own row.</param>
/// <param name="OwnEnd">End of the visible keys of its own row.</param>
/// <param name="OwnCount">Number of keys of its own row.</param>
internal readonly record struct VisibleKeys(long PromptFirst, long PromptEnd, long OwnFirst, long OwnEnd, long OwnCount)
{
    /// <summary>The keys that one query sees.</summary>
    /// <param name="prompt">Number of keys of a separate prompt.</param>
    /// <param name="own">Number of keys of its own row.</param>
    /// <param name="position">The query's position among its own row's keys.</param>
    /// <param name="window">Maximum number of keys that it sees, including its own position, or null.</param>
    public static VisibleKeys Of(long prompt, long own, long position, int? window)
    {
        long first = window is { } size ? Math.Max(0, prompt + position + 1 - size) : 0;
        return new VisibleKeys(Math.Min(first, prompt), prompt, Math.Max(0, first - prompt), position + 1, own);
    }
}
