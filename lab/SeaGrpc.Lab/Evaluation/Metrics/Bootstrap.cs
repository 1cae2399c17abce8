using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Metrics;

/// <summary>Percentile bootstrap over prompts (Efron, 1979): prompts are drawn with replacement; a prompt's seeds stay together.</summary>
public static class Bootstrap
{
    private const int Resamples = 2000;
    private const ulong Seed = 20250520;
    private const double Tail = 0.025;

    /// <summary>The mean over prompts.</summary>
    /// <param name="perPrompt">One value per prompt, its mean over seeds.</param>
    /// <param name="seed">Seed of the resampling.</param>
    public static Interval Mean(IReadOnlyList<double> perPrompt, ulong seed = Seed)
    {
        ArgumentNullException.ThrowIfNull(perPrompt);
        return Paired(perPrompt, perPrompt, (mean, _) => mean, seed);
    }

    /// <summary>A figure of two methods' means over the same prompts; both are resampled together.</summary>
    /// <param name="first">One value per prompt.</param>
    /// <param name="second">One value per prompt, in the same order.</param>
    /// <param name="figure">Of the two means; resamples for which it is not finite are left out.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <exception cref="ArgumentException">The counts differ, or there are no prompts.</exception>
    public static Interval Paired(
        IReadOnlyList<double> first, IReadOnlyList<double> second, Func<double, double, double> figure, ulong seed = Seed)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(figure);
        if (first.Count == 0 || first.Count != second.Count)
        {
            throw new ArgumentException(
                $"A bootstrap needs the same prompts twice, at least one: there are {first.Count} and {second.Count}.");
        }

        var random = new SeededRandom(seed);
        var figures = new List<double>(Resamples);
        for (int resample = 0; resample < Resamples; resample++)
        {
            (double firstSum, double secondSum) = (0, 0);
            for (int draw = 0; draw < first.Count; draw++)
            {
                int prompt = random.Next(first.Count);
                firstSum += first[prompt];
                secondSum += second[prompt];
            }

            double value = figure(firstSum / first.Count, secondSum / first.Count);
            if (double.IsFinite(value))
            {
                figures.Add(value);
            }
        }

        figures.Sort();
        double estimate = figure(first.Average(), second.Average());
        return figures.Count == 0
            ? new Interval(estimate, estimate, estimate)
            : new Interval(estimate, Quantile(figures, Tail), Quantile(figures, 1 - Tail));
    }

    private static double Quantile(List<double> sorted, double quantile)
    {
        double place = quantile * (sorted.Count - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
