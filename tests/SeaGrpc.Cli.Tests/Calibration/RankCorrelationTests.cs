using SeaGrpc.Cli.Calibration;

namespace SeaGrpc.Cli.Tests.Calibration;

public sealed class RankCorrelationTests
{
    [Fact]
    public void It_is_what_hand_calculation_gives()
    {
        Assert.Equal(1, RankCorrelation.Of([1, 2, 3], [10, 200, 3000]), 12);
        Assert.Equal(-1, RankCorrelation.Of([1, 2, 3], [5, 4, -7]), 12);
        // Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 * 4 / (5 * 24).
        Assert.Equal(0.8, RankCorrelation.Of([1, 2, 3, 4, 5], [20, 10, 40, 30, 50]), 12);
        // Ranks 1 2.5 2.5 4 against 1 2 3 4: covariance 4.5, spreads 4.5 and 5.
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RankCorrelation.Of([1, 2, 2, 3], [1, 2, 3, 4]), 12);
    }

    [Fact]
    public void Where_nothing_differs_it_is_not_a_number()
    {
        Assert.True(double.IsNaN(RankCorrelation.Of([1, 1, 1], [1, 2, 3])));
        Assert.True(double.IsNaN(RankCorrelation.Of([], [])));
    }
}
