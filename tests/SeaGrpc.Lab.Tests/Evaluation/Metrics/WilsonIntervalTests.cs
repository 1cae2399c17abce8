using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Tests.Evaluation.Metrics;

public sealed class WilsonIntervalTests
{
    [Theory]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    public void Published_values_are_met(int count, int total, double low, double high)
    {
        Interval interval = WilsonInterval.Of(count, total);

        Assert.Equal(((double)count / total, low, high), (interval.Mean, Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }
}
