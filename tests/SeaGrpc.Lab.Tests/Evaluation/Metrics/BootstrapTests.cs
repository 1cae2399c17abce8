using SeaGrpc.Lab.Evaluation.Metrics;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Tests.Evaluation.Metrics;

public sealed class BootstrapTests
{
    [Fact]
    public void Equal_values_leave_no_doubt() => Assert.Equal(new Interval(0.25, 0.25, 0.25), Bootstrap.Mean([0.25, 0.25, 0.25]));

    [Fact]
    public void The_interval_of_a_share_is_near_the_normal_one()
    {
        // 100 of 400: standard error sqrt(.25 * .75 / 400) = .02165, 1.96 of them are .0424.
        Interval interval = Bootstrap.Mean([.. Enumerable.Range(0, 400).Select(index => index % 4 == 0 ? 1.0 : 0)]);
        Assert.Equal(0.25, interval.Mean, 12);
        Assert.InRange(interval.Low, 0.25 - 0.0424 - 0.006, 0.25 - 0.0424 + 0.006);
        Assert.InRange(interval.High, 0.25 + 0.0424 - 0.006, 0.25 + 0.0424 + 0.006);
    }

    [Fact]
    public void Nineteen_intervals_of_twenty_hold_the_truth()
    {
        var random = new SeededRandom(7);
        int covered = 0;
        const int Trials = 300;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] sample = [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble())];
            Interval interval = Bootstrap.Mean(sample, seed: (ulong)trial);
            covered += interval.Low <= 0.5 && 0.5 <= interval.High ? 1 : 0;
        }

        Assert.InRange((double)covered / Trials, 0.90, 0.98);
    }

    [Fact]
    public void Pairs_are_resampled_together()
    {
        // The second is always half of the first: their ratio has no spread, though both means have one.
        double[] first = [1, 2, 3, 8, 9];
        Interval ratio = Bootstrap.Paired(first, [.. first.Select(value => value / 2)], (mine, other) => 1 - other / mine);
        Assert.Equal(0.5, ratio.Low, 12);
        Assert.Equal(0.5, ratio.High, 12);
        Assert.True(Bootstrap.Mean(first).High - Bootstrap.Mean(first).Low > 1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_interval() =>
        Assert.Equal(Bootstrap.Mean([1, 2, 3, 4], seed: 3), Bootstrap.Mean([1, 2, 3, 4], seed: 3));

    [Fact]
    public void A_figure_that_is_never_finite_has_no_width() =>
        Assert.Equal(double.NegativeInfinity, Bootstrap.Paired([1, 1], [0, 0], (mine, other) => 1 - mine / other).Low);

    [Fact]
    public void Different_prompts_cannot_be_paired() =>
        Assert.Contains(
            "1 and 2", Assert.Throws<ArgumentException>(() => Bootstrap.Paired([1], [1, 2], (mine, _) => mine)).Message,
            StringComparison.Ordinal);
}
