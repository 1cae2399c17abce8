using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Moved answers under an implicit reward: each is read from the prompt on.</summary>
internal sealed class ImplicitRewardChains(ImplicitRewardState state) : IRewardChains
{
    public void Replace(HardResponses rows, int start)
    {
    }

    public float[] Moved(HardResponses rows, IReadOnlyList<int> chains, int start) => state.Rewards(rows);

    public void Dispose()
    {
    }
}
