namespace SeaGrpc.Alignment.Tests;

/// <summary>The fluency of a response, from the log-probabilities of its tokens.</summary>
public sealed class FluencyTests
{
    [Theory]
    [InlineData(0, new float[0])]
    [InlineData(0, new[] { -4f, -0.1f, -3.9f })]
    [InlineData(-2, new[] { -7f, -1f, -7f })]
    [InlineData(-1.5, new[] { -9f, -8f, -7f, -6f, -5f, -1f, -2f, -3f, 0f, 0f, 0f, 0f })]
    [InlineData(-1.1, new[] { -5f, -5f, -5f, -5f, -5f, -5f, -5f, -5f, -5f, -5f, -6f, -5f, -5f, -5f })]
    public void It_is_what_the_ten_least_likely_tokens_lie_below_minus_4_on_average(double expected, float[] logProbabilities) =>
        Assert.Equal(expected, Fluency.Of(logProbabilities).Level, 1e-6);

    [Fact]
    public void It_is_the_same_as_by_sorting_whatever_the_order()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 300; trial++)
        {
            float[] tokens = Tokens(random, random.Next(1, 40));
            Assert.Equal(
                tokens.Order().Take(10).Average(token => Math.Min(0.0, token + 4)), Fluency.Of(tokens).Level, 1e-5);
        }
    }

    [Fact]
    public void No_continuation_is_more_fluent_than_the_best_one()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 300; trial++)
        {
            float[] tokens = Tokens(random, random.Next(1, 40));
            double best = Fluency.Of(tokens).BestOfContinuations;
            float[] longer = [.. tokens, .. Tokens(random, random.Next(0, 20))];
            Assert.InRange(Fluency.Of(longer).Level, double.NegativeInfinity, best + 1e-6);
            Assert.Equal(best, Fluency.Of([.. tokens, .. new float[10]]).Level, 1e-6);
        }
    }

    private static float[] Tokens(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => -12 * random.NextSingle() * random.NextSingle())];
}
