using SeaGrpc.Alignment.EnergySearch;

namespace SeaGrpc.Alignment.Tests.Search;

public sealed class PrefixRewardsTests
{
    [Fact]
    public void Prefixes_are_alike_where_less_than_a_third_of_the_groups_differ()
    {
        var rewards = new PrefixRewards();
        Assert.False(rewards.AreAlike);
        rewards.Note([0, 0, 1]);
        rewards.Note([0, 0]);
        rewards.Note([2.5, 2.5, 2.5]);
        Assert.False(rewards.AreAlike);
        rewards.Note([1, 1]);
        Assert.True(rewards.AreAlike);
        rewards.Note([1, 0]);
        Assert.False(rewards.AreAlike);
    }

    [Fact]
    public void Rounding_makes_no_difference_and_one_prefix_tells_nothing()
    {
        var rewards = new PrefixRewards();
        rewards.Note([3]);
        Assert.False(rewards.AreAlike);
        rewards.Note([-1.00001, -1.00002]);
        Assert.True(rewards.AreAlike);
        rewards.Note([-1.01, -1.02]);
        Assert.False(rewards.AreAlike);
    }
}
