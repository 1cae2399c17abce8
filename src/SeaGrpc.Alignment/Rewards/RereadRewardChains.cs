using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Moved answers, each of which is read from the end of the prompt on.</summary>
/// <param name="score">Returns the rewards of answers.</param>
internal sealed class RereadRewardChains(Func<HardResponses, float[]> score) : IRewardChains
{
    public void Replace(HardResponses rows, int start)
    {
    }

    public float[] Moved(HardResponses rows, IReadOnlyList<int> chains, int start) => score(rows);

    public void Dispose()
    {
    }
}
