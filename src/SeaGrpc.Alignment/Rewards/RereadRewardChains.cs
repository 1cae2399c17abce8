using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Moved answers, each of which is read from the end of the prompt on.</summary>
/// <param name="score">Returns the rewards of answers, some of which are whole.</param>
internal sealed class RereadRewardChains(Func<IReadOnlyList<IReadOnlyList<int>>, IReadOnlyList<bool>, float[]> score) : IRewardChains
{
    public void Replace(HardResponses rows, int start)
    {
    }

    public (float[] Rewards, IRewardRows[]? Read) Moved(IReadOnlyList<MovedRows> groups, bool keeps = false)
    {
        int[][][] answers = [.. groups.Select(group => group.Rows.Contents())];
        int[][] all = [.. answers.SelectMany(own => own)];
        return (
            score(all, [.. Enumerable.Repeat(true, all.Length)]),
            keeps ? [.. answers.Select(group => new RereadRewardRows(score, [.. group.Select(own => own.ToList())]))] : null);
    }

    public void Dispose()
    {
    }
}
