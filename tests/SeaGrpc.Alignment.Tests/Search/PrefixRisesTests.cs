using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.Tests.Search;

public sealed class PrefixRisesTests
{
    private static readonly PrefixRises Rises = new([(2, 7), (4, 9), (6, -1), (8, 3)]);

    [Theory]
    [InlineData(0, 9)]
    [InlineData(3, 9)]
    [InlineData(4, 9)]
    [InlineData(5, 9)]
    [InlineData(6, 3)]
    [InlineData(8, 3)]
    [InlineData(100, 3)]
    public void A_prefix_may_rise_as_far_as_those_that_are_as_long_or_longer(int tokens, double expected) =>
        Assert.Equal(expected, Rises.From(tokens));

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Where_the_length_tells_nothing_it_may_rise_as_far_as_any(int tokens) =>
        Assert.Equal(9, new PrefixRises([(2, 7), (4, 9), (6, -1), (8, 3)], byLength: false).From(tokens));

    [Fact]
    public void The_longest_beginning_comes_last() => Assert.Equal(3, Rises.Latest);

    [Fact]
    public void Nothing_is_allowed_where_the_response_lies_above_its_beginnings() => Assert.Equal(0, new PrefixRises([(2, -1)]).From(2));

    [Fact]
    public void Without_beginnings_nothing_is_allowed()
    {
        Assert.Equal(0, PrefixRises.None.From(3));
        Assert.Equal(0, PrefixRises.None.Latest);
    }
}
