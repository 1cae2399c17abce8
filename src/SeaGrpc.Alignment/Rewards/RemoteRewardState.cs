using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Batching;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// One conversation as a reward outside the process scores responses to it. Everything that a turn asks is one batch, and no text is asked
/// for twice.
/// </summary>
/// <param name="decode">Returns the text of ids.</param>
/// <param name="score">Scores responses.</param>
internal sealed class RemoteRewardState(
    Func<IReadOnlyList<int>, string> decode, Func<IReadOnlyList<ResponseText>, CancellationToken, Task<float[]>> score) : RereadRewardState
{
    /// <summary>Maximum number of scores that are kept, which bounds memory.</summary>
    private const int MostKept = 16384;

    private readonly Dictionary<ResponseText, float> _known = [];

    public override float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole)
    {
        if (_known.Count > MostKept)
        {
            _known.Clear();
        }

        ResponseText[] responses = [.. answers.Select((answer, row) => new ResponseText(decode(answer), whole[row]))];
        ResponseText[] asked = [.. responses.Distinct().Where(response => !_known.ContainsKey(response))];
        if (asked.Length > 0)
        {
            float[] scores = OutsideWork.Await(stop => score(asked, stop));
            for (int index = 0; index < asked.Length; index++)
            {
                _known[asked[index]] = scores[index];
            }
        }

        return [.. responses.Select(response => _known[response])];
    }

    public override float[][] Read(IReadOnlyList<RewardReading> readings)
    {
        int[][][] answers = [.. readings.Select(reading => ((RereadRewardRows)reading.Rows).Extend(reading.Tokens, reading.Advance))];
        float[] all = Rewards([.. answers.SelectMany(group => group)], [.. readings.SelectMany(reading => reading.Suffixed)]);
        int next = 0;
        return [.. answers.Select(group => all[next..(next += group.Length)])];
    }

    public override void Announce(Func<HardResponses> rows) => Rewards(rows());
}
