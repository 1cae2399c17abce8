using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Moved answers of which each is read from the prompt on.</summary>
/// <param name="score">The rewards of answers.</param>
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
