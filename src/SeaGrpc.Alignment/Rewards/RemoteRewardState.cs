using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// One conversation as a reward outside the process scores responses to it. Everything that a turn asks is one batch, and no text is asked
/// for twice.
/// </summary>
/// <param name="reward">The reward.</param>
/// <param name="prompt">The conversation.</param>
internal sealed class RemoteRewardState(RemoteReward reward, TextPrompt prompt) : RereadRewardState
{
    public override bool IsOutside => true;

    public override float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) =>
        reward.Score(prompt, answers, whole);

    public override float[][] Read(IReadOnlyList<RewardReading> readings)
    {
        int[][][] answers = [.. readings.Select(reading => ((RereadRewardRows)reading.Rows).Extend(reading.Tokens, reading.Advance))];
        float[] all = Rewards([.. answers.SelectMany(group => group)], Suffixed(readings));
        int next = 0;
        return [.. answers.Select(group => all[next..(next += group.Length)])];
    }

    public override void Announce(Func<HardResponses> rows)
    {
        HardResponses answers = rows();
        reward.Ask(prompt, answers.Contents(), [.. Enumerable.Repeat(true, answers.Rows)]);
    }

    public override void Announce(IReadOnlyList<RewardReading> readings) => reward.Ask(
        prompt, [.. readings.SelectMany(reading => ((RereadRewardRows)reading.Rows).Extended(reading.Tokens))], Suffixed(readings));

    public override void Dispose()
    {
        prompt.StopAsking();
        base.Dispose();
    }

    private static bool[] Suffixed(IReadOnlyList<RewardReading> readings) => [.. readings.SelectMany(reading => reading.Suffixed)];
}
