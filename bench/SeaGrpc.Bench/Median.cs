namespace SeaGrpc.Bench;

/// <summary>The middle of measurements, which a neighbour's burst on the machine does not move.</summary>
internal static class Median
{
    /// <summary>The median; of an even number, the mean of the middle two.</summary>
    /// <param name="values">At least one.</param>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
