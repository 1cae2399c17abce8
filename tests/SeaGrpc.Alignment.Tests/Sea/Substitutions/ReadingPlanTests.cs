using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.Tests.Sea.Substitutions;

public sealed class ReadingPlanTests
{
    private const int LaunchCost = 64;

    [Theory]
    [InlineData(0)]
    [InlineData(LaunchCost)]
    public void Every_move_is_in_one_group(int groupCost)
    {
        int[] starts = [5, 900, 3, 901, 5, 0, 450, 451];

        Assert.Equal(
            Enumerable.Range(0, starts.Length),
            Plan(starts, 1000, groupCost).SelectMany(pass => pass).SelectMany(group => group).Order());
    }

    [Fact]
    public void Moves_that_start_far_apart_are_groups_of_one_pass() =>
        Assert.Equal([[1, 3], [0, 2]], Assert.Single(Plan([900, 0, 901, 1], 1000)).Select(group => group.Order().ToArray()));

    [Fact]
    public void Few_positions_are_read_in_one_group() => Assert.Single(Assert.Single(Plan([0, 3, 5, 7], 8)));

    [Fact]
    public void Where_groups_cost_nothing_each_move_is_read_from_its_first_change_to_its_end()
    {
        IReadOnlyList<int[]> groups = Assert.Single(ReadingPlan.Passes([(3, 8), (0, 8), (3, 9), (3, 8), (0, 8)], groupCost: 0));

        Assert.Equal([[1, 4], [0, 3], [2]], groups);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(LaunchCost)]
    public void A_pass_has_a_most_of_rows(int groupCost)
    {
        IReadOnlyList<IReadOnlyList<int[]>> passes =
            Plan([.. Enumerable.Range(0, 1000).Select(move => move % 3)], 1000, groupCost);

        Assert.Equal(4, passes.Count);
        Assert.All(passes, pass => Assert.InRange(pass.Sum(group => group.Length), 1, 256));
    }

    [Fact]
    public void No_moves_are_no_passes() => Assert.Empty(Plan([], 8));

    private static IReadOnlyList<IReadOnlyList<int[]>> Plan(int[] starts, int length, int groupCost = LaunchCost) =>
        ReadingPlan.Passes([.. starts.Select(start => (start, length))], groupCost);
}
