using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// A reward that keeps nothing of the answers that it has read: each is read from the end of the prompt on whenever it is scored. A
/// gradient is the derived class's to add.
/// </summary>
internal abstract class RereadRewardState : IRewardState
{
    public float[] Rewards(HardResponses rows) =>
        Rewards(rows.Contents(), [.. Enumerable.Repeat(true, rows.Rows)]);

    /// <summary>The rewards of answers, some of which are whole.</summary>
    /// <param name="answers">Ids of each, without EOS.</param>
    /// <param name="whole">Whether each is scored as a whole answer.</param>
    public abstract float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole);

    /// <inheritdoc/>
    public virtual IRewardGradient Gradient(HardResponses rows, double weight, EmbeddingSmoothing smoothing) =>
        throw new NotSupportedException("The reward has no gradient.");

    public IRewardRows Grow(int rows, int maxTokens) =>
        new RereadRewardRows(Rewards, [.. Enumerable.Range(0, rows).Select(_ => new List<int>())]);

    public IRewardRows Grow(IRewardChains chains, IReadOnlyList<int> answer, int maxTokens) =>
        new RereadRewardRows(Rewards, [[.. answer]]);

    public IRewardRows Gather(IReadOnlyList<(IRewardRows Source, int Row)> from, int maxTokens, int? length = null) =>
        new RereadRewardRows(Rewards, [.. from.Select(pick => ((RereadRewardRows)pick.Source).Copy(pick.Row, length))]);

    public IRewardRows Fan(IRewardRows source, IReadOnlyList<int> rows, int room, int? length = null) =>
        Gather([.. rows.Select(row => (source, row))], room, length);

    public virtual bool IsOutside => false;

    public virtual void Announce(Func<HardResponses> rows)
    {
    }

    public virtual void Announce(IReadOnlyList<RewardReading> readings)
    {
    }

    public virtual float[][] Read(IReadOnlyList<RewardReading> readings) =>
        [.. readings.Select(reading => reading.Rows.Read(reading.Tokens, reading.Suffixed, reading.Advance))];

    public IRewardChains Follow(HardResponses rows, int room = 0, IRewardRows? read = null) => new RereadRewardChains(Rewards);

    public virtual void Dispose()
    {
    }
}
