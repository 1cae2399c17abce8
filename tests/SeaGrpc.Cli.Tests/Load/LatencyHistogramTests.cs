using CsCheck;
using SeaGrpc.Cli.Load;

namespace SeaGrpc.Cli.Tests.Load;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void A_quantile_is_the_sorted_values_within_a_32nd() =>
        Gen.Long[0, 10_000_000_000].Array[1, 200].Sample(microseconds =>
        {
            var histogram = new LatencyHistogram();
            foreach (long value in microseconds)
            {
                histogram.Add(TimeSpan.FromMicroseconds(value));
            }

            long[] sorted = [.. microseconds.Order()];
            foreach (double share in new[] { 0, 0.5, 0.9, 0.99, 1 })
            {
                long exact = sorted[Math.Max(1, (int)Math.Ceiling(share * sorted.Length)) - 1];
                Assert.InRange(histogram.Quantile(share).TotalMicroseconds, exact, exact + (exact / 32.0));
            }

            Assert.Equal((sorted.Length, sorted[^1]), ((int)histogram.Count, (long)histogram.Max.TotalMicroseconds));
            Assert.Equal(sorted.Length, histogram.Bars().Sum(bar => bar.Count));
        });

    [Fact]
    public void An_empty_one_has_no_quantiles()
    {
        var empty = new LatencyHistogram();
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero, 0), (empty.Quantile(0.5), empty.Mean, empty.Bars().Count));
    }
}
