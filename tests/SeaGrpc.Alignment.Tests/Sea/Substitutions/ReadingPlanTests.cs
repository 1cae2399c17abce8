using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.Tests.Sea.Substitutions;

public sealed class ReadingPlanTests
{
    [Fact]
    public void Every_move_is_in_one_group()
    {
        int[] starts = [5, 900, 3, 901, 5, 0, 450, 451];
        IReadOnlyList<int[]> groups = ReadingPlan.Groups(starts, 1000);

        Assert.Equal(Enumerable.Range(0, starts.Length), groups.SelectMany(group => group).Order());
    }

    [Fact]
    public void Moves_that_start_far_apart_are_read_apart()
    {
        IReadOnlyList<int[]> groups = ReadingPlan.Groups([900, 0, 901, 1], 1000);
        Assert.Equal([[1, 3], [0, 2]], groups.Select(group => group.Order().ToArray()));
    }

    [Fact]
    public void Few_positions_are_read_in_one_pass() => Assert.Single(ReadingPlan.Groups([0, 3, 5, 7], 8));

    [Fact]
    public void A_pass_has_a_most_of_rows() => Assert.True(ReadingPlan.Groups(new int[1000], 8).Max(group => group.Length) <= 256);

    [Fact]
    public void No_moves_are_no_groups() => Assert.Empty(ReadingPlan.Groups([], 8));
}
