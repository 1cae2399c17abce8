using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Moved answers, each of which is read from the end of the prompt on.</summary>
/// <param name="score">Returns the rewards of answers, some of which are whole.</param>
internal sealed class RereadRewardChains(Func<IReadOnlyList<IReadOnlyList<int>>, IReadOnlyList<bool>, float[]> score) : IRewardChains
{
    public void Replace(HardResponses rows, int start)
    {
    }

    public (float[] Rewards, IRewardRows? Read) Moved(HardResponses rows, IReadOnlyList<int> chains, int start, bool keeps = false)
    {
        int[][] answers = [.. Enumerable.Range(0, rows.Rows).Select(rows.Content)];
        return (
            score(answers, [.. Enumerable.Repeat(true, rows.Rows)]),
            keeps ? new RereadRewardRows(score, [.. answers.Select(own => own.ToList())]) : null);
    }

    public void Dispose()
    {
    }
}
