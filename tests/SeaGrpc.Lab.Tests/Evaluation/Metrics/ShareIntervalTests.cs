using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Tests.Evaluation.Metrics;

public sealed class ShareIntervalTests
{
    private static readonly double[] None = [.. Enumerable.Repeat(0.0, 10)];
    private static readonly double[] All = [.. Enumerable.Repeat(1.0, 10)];
    private static readonly double[] Half = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0];

    [Fact]
    public void Shares_of_nought_and_one_have_wilsons_interval()
    {
        Assert.Equal(WilsonInterval.Of(0, 10), ShareInterval.Of(None));
        Assert.Equal(WilsonInterval.Of(10, 10), ShareInterval.Of(All));
        Assert.Equal(Bootstrap.Mean(Half), ShareInterval.Of(Half));
    }

    [Fact]
    public void Nothing_against_everything_leaves_doubt()
    {
        // Wilson's 0 of 10 is [0, 0.2775], 10 of 10 [0.7225, 1].
        Interval reduction = ShareInterval.Reduction(None, All);
        Assert.Equal((1, 1), (reduction.Mean, reduction.High));
        Assert.Equal(1 - 0.2775 / 0.7225, reduction.Low, 1e-3);
        Interval difference = ShareInterval.Difference(All, None);
        Assert.Equal(1, difference.Mean);
        Assert.Equal(1 - Math.Sqrt(2) * 0.2775, difference.Low, 1e-3);
        Assert.Equal(1, difference.High);
    }

    [Fact]
    public void Shares_between_are_resampled_in_pairs()
    {
        Assert.Equal(Bootstrap.Paired(Half, Half, (mine, theirs) => 1 - mine / theirs), ShareInterval.Reduction(Half, Half));
        Assert.Equal(Bootstrap.Paired(Half, Half, (mine, theirs) => mine - theirs), ShareInterval.Difference(Half, Half));
    }
}
