namespace SeaGrpc.Lab.Evaluation.Metrics;

/// <summary>Wilson's score interval of a share (1927): valid for few rows and for rates near 0 and 1, unlike a bootstrap.</summary>
public static class WilsonInterval
{
    /// <summary>97.5 % quantile of the normal distribution.</summary>
    private const double Quantile = 1.959963984540054;

    /// <summary>The share and its 95 % interval.</summary>
    /// <param name="count">How many count.</param>
    /// <param name="total">Of how many; at least 1.</param>
    public static Interval Of(int count, int total)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(total);
        double share = (double)count / total;
        double square = Quantile * Quantile;
        double centre = (share + square / (2 * total)) / (1 + square / total);
        double half = Quantile / (1 + square / total) * Math.Sqrt((share * (1 - share) / total) + (square / (4.0 * total * total)));
        return new Interval(share, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
