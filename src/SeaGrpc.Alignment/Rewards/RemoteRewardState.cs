using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// One conversation as a reward outside the process scores responses to it. Everything that a turn asks is one batch, and no text is asked
/// for twice.
/// </summary>
/// <param name="score">Scores answers (ids of each, and whether each is whole).</param>
internal sealed class RemoteRewardState(Func<IReadOnlyList<IReadOnlyList<int>>, IReadOnlyList<bool>, float[]> score) : RereadRewardState
{
    public override float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) => score(answers, whole);

    public override float[][] Read(IReadOnlyList<RewardReading> readings)
    {
        int[][][] answers = [.. readings.Select(reading => ((RereadRewardRows)reading.Rows).Extend(reading.Tokens, reading.Advance))];
        float[] all = score([.. answers.SelectMany(group => group)], [.. readings.SelectMany(reading => reading.Suffixed)]);
        int next = 0;
        return [.. answers.Select(group => all[next..(next += group.Length)])];
    }

    public override void Announce(Func<HardResponses> rows) => Rewards(rows());
}
