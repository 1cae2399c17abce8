using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Both models of an implicit reward after the prompt.</summary>
internal sealed class ImplicitRewardState : RereadRewardState
{
    private readonly PolicyReading _tuned;
    private readonly PolicyReading _basis;
    private readonly int _eos;
    private readonly Func<long, bool> _isEos;
    private readonly CostCounter _cost;

    public ImplicitRewardState(
        TransformerDecoder tuned, TransformerDecoder basis, RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost)
    {
        _isEos = isEos;
        _cost = cost;
        _eos = prompt.Suffix[0];
        _tuned = PolicyReading.Of(tuned, prompt.Prefix, cost.RewardReused);
        try
        {
            _basis = PolicyReading.Of(basis, prompt.Prefix, cost.RewardReused);
        }
        catch
        {
            _tuned.Dispose();
            throw;
        }

        cost.RewardForward(prompt.Prefix.Count);
        cost.RewardForward(prompt.Prefix.Count);
    }

    /// <summary>
    /// EOS counts only for whole answers; one that was cut at the limit is whole, since a reward model reads its suffix after it, too.
    /// </summary>
    public override float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole)
    {
        HardResponses rows = HardResponses.FromRagged(answers, _eos, _isEos, _ => true);
        return Differences(Read(_tuned, rows), Read(_basis, rows), rows, row => answers[row].Count + (whole[row] ? 1 : 0));
    }

    public override IRewardGradient Gradient(HardResponses rows, double weight, EmbeddingSmoothing smoothing)
    {
        using var scope = NewDisposeScope();
        HardResponses ended = Ended(rows);
        LogProbabilityGradient up = Part(_tuned, ended, smoothing);
        LogProbabilityGradient down;
        try
        {
            down = Part(_basis, ended, smoothing);
        }
        catch
        {
            up.Dispose();
            throw;
        }

        float[] rewards = Differences(up.LogProbabilities, down.LogProbabilities, ended, row => rows.ContentLengths[row] + 1);
        return new ImplicitRewardGradient(rewards, Kept(up, ended, rows), Kept(down, ended, rows), rows, weight);
    }

    public override void Dispose()
    {
        _tuned.Dispose();
        _basis.Dispose();
        base.Dispose();
    }

    // Adds one position for EOS if an answer was cut.
    private HardResponses Ended(HardResponses rows)
    {
        if (Enumerable.Range(0, rows.Rows).All(rows.EndsWithEos))
        {
            return rows;
        }

        long[] tokens = [.. rows.Tokens.Chunk(rows.Positions).SelectMany(row => row.Append(_eos))];
        return new HardResponses(tokens, rows.Rows, _isEos);
    }

    private LogProbabilityGradient Part(PolicyReading reading, HardResponses rows, EmbeddingSmoothing smoothing) =>
        LogProbabilityGradient.Of(reading, rows, toInputs: true, smoothing, _cost.RewardForward, _cost.RewardBackward);

    private static LogProbabilityGradient Kept(LogProbabilityGradient whole, HardResponses ended, HardResponses rows) =>
        rows.Positions == ended.Positions ? whole : whole.Narrow(rows.Rows, rows.Positions);

    // Sums over each row's first positions.
    private static float[] Differences(IReadOnlyList<float> up, IReadOnlyList<float> down, HardResponses rows, Func<int, int> length)
    {
        var sums = new float[rows.Rows];
        for (int row = 0; row < rows.Rows; row++)
        {
            double sum = 0;
            int first = row * rows.Positions;
            for (int at = first; at < first + length(row); at++)
            {
                sum += (double)up[at] - down[at];
            }

            sums[row] = (float)sum;
        }

        return sums;
    }

    private float[] Read(PolicyReading reading, HardResponses rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor ids = ResponseScorer.Ids(rows.Tokens, rows.Rows, reading.Decoder);
        _cost.RewardForward((long)rows.Rows * (rows.Positions - 1));
        return reading.LogProbabilities(reading.HiddenOf(ids.narrow(1, 0, rows.Positions - 1), rows.PredictingLengths()), ids);
    }
}
