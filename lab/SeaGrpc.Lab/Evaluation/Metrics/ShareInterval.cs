namespace SeaGrpc.Lab.Evaluation.Metrics;

/// <summary>
/// Intervals of rates. A bootstrap of values that are all 0 or all 1 has zero width, as if there were no doubt; Wilson's interval over the
/// prompts replaces it.
/// </summary>
public static class ShareInterval
{
    /// <summary>The mean of a share.</summary>
    /// <param name="perPrompt">One value in [0, 1] per prompt.</param>
    public static Interval Of(IReadOnlyList<double> perPrompt)
    {
        ArgumentNullException.ThrowIfNull(perPrompt);
        return perPrompt.All(value => value == 0) ? WilsonInterval.Of(0, perPrompt.Count)
            : perPrompt.All(value => value == 1) ? WilsonInterval.Of(perPrompt.Count, perPrompt.Count)
            : Bootstrap.Mean(perPrompt);
    }

    /// <summary>How far one method's rate is below another's on the same prompts, as a fraction of it: 1 - first / second.</summary>
    /// <remarks>Paired bootstrap; where either share is at 0 or 1 on every prompt, the outer bounds of both intervals.</remarks>
    /// <param name="first">One value per prompt.</param>
    /// <param name="second">One value per prompt, in the same order.</param>
    public static Interval Reduction(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        Interval paired = Bootstrap.Paired(first, second, (mine, theirs) => 1 - mine / theirs);
        if (!IsConstant(first) && !IsConstant(second))
        {
            return paired;
        }

        (Interval mine, Interval theirs) = (Of(first), Of(second));
        return paired with { Low = 1 - mine.High / theirs.Low, High = 1 - mine.Low / theirs.High };
    }

    /// <summary>One method's share less another's on the same prompts.</summary>
    /// <remarks>Paired bootstrap; where either share is at 0 or 1 on every prompt, Newcombe's interval from both (1998, method
    /// 10).</remarks>
    /// <param name="first">One value per prompt.</param>
    /// <param name="second">One value per prompt, in the same order.</param>
    public static Interval Difference(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        Interval paired = Bootstrap.Paired(first, second, (mine, theirs) => mine - theirs);
        if (!IsConstant(first) && !IsConstant(second))
        {
            return paired;
        }

        (Interval mine, Interval theirs) = (Of(first), Of(second));
        return paired with
        {
            Low = paired.Mean - double.Hypot(mine.Mean - mine.Low, theirs.High - theirs.Mean),
            High = paired.Mean + double.Hypot(mine.High - mine.Mean, theirs.Mean - theirs.Low),
        };
    }

    private static bool IsConstant(IReadOnlyList<double> values) => values.All(value => value == 0) || values.All(value => value == 1);
}
