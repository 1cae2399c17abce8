namespace SeaGrpc.Cli.Calibration;

/// <summary>Spearman's rank correlation, equal values sharing their mean rank.</summary>
public static class RankCorrelation
{
    /// <summary>From -1 to 1; NaN if there are fewer than two pairs or all values of one side are equal.</summary>
    /// <param name="first">One side.</param>
    /// <param name="second">The other, as many.</param>
    public static double Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        double[] left = Ranks(first);
        double[] right = Ranks(second);
        double mean = (left.Length + 1) / 2.0;
        double covariance = left.Zip(right, (one, other) => (one - mean) * (other - mean)).Sum();
        double spread = Math.Sqrt(left.Sum(rank => (rank - mean) * (rank - mean)) * right.Sum(rank => (rank - mean) * (rank - mean)));
        return spread == 0 ? double.NaN : covariance / spread;
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        int below = 0;
        foreach (IGrouping<double, int> equal in Enumerable.Range(0, values.Count)
            .GroupBy(index => values[index])
            .OrderBy(group => group.Key))
        {
            int count = equal.Count();
            foreach (int index in equal)
            {
                ranks[index] = below + (count + 1) / 2.0;
            }

            below += count;
        }

        return ranks;
    }
}
