using SeaGrpc.Alignment.Scoring;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// The exact energies of chains from one iteration to the next, with as few passes as possible: a chain that does not move is not read
/// again. Owns the policy's hidden states of the chains.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="parameters">alpha and tau.</param>
internal sealed class ChainScores(RunContext context, SeaParameters parameters) : IDisposable
{
    private HardResponses? _known;
    private Tensor? _hidden;
    private float[] _rewards = [];

    /// <summary>Reads the chains that have moved, and scores all.</summary>
    /// <param name="rows">The chains' hard responses. Their number and length are the same every time.</param>
    /// <param name="logits">Y [chains, positions, vocabulary], for the KL.</param>
    public IReadOnlyList<ScoredRow> Score(HardResponses rows, Tensor logits)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int[] moved = _known is null
            ? [.. Enumerable.Range(0, rows.Rows)]
            : [.. Enumerable.Range(0, rows.Rows).Where(row => !rows.HasSameRow(_known, row))];
        if (moved.Length > 0)
        {
            Read(moved.Length == rows.Rows ? rows : rows.Select(moved, context.Models.IsEos), moved);
            _known = rows;
        }

        (float[] own, float[]? divergences) = context.PolicyPasses()
            .Figures(_hidden!.flatten(0, 1), rows, logits, parameters.Temperature);
        return ResponseScorer.Combine(rows, own, divergences, _rewards, parameters.RewardWeight);
    }

    /// <summary>Scores chains from what their gradient has read. Without smoothing noise, nothing else needs to be read.</summary>
    /// <param name="gradient">The gradient at these chains, with a policy's and a reward's part, taken without smoothing noise.</param>
    /// <param name="rows">The chains' hard responses.</param>
    /// <param name="logits">Y [chains, positions, vocabulary], for the KL.</param>
    public IReadOnlyList<ScoredRow> Score(EnergyGradient gradient, HardResponses rows, Tensor logits)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (IReadOnlyList<float> own, Tensor all) = gradient.LogProbabilities!.Value;
        List<Tensor> kl = [];
        foreach ((long start, long count) in PositionChunks.InCache(all.shape[0], all.shape[1]))
        {
            using var chunk = NewDisposeScope();
            kl.Add(TokenDivergence.Of(logits, parameters.Temperature, all.narrow(0, start, count), start).MoveToOuterDisposeScope());
        }

        float[] divergences = cat(kl).cpu().data<float>().ToArray();
        float[] sums = context.Prompt.Sum(rows.Rows, gradient.Rewards, reward => [.. reward]);
        return ResponseScorer.Combine(rows, [.. own], divergences, sums, parameters.RewardWeight);
    }

    public void Dispose() => _hidden?.Dispose();

    private void Read(HardResponses rows, int[] chains)
    {
        context.Prompt.Announce(() => rows);
        Tensor states;
        using (parameters.DecidesByEnergy ? null : context.Cost.Pause())
        {
            states = context.PolicyPasses().Hidden(rows);
        }

        float[] scores = context.Prompt.Sum(rows.Rows, context.Prompt.Rewards, reward => reward.State.Rewards(rows));
        if (_hidden is null)
        {
            // All responses of one token are predicted by the prompt's single last state. From here on it is written per chain.
            _hidden = states.contiguous().DetachFromDisposeScope();
            _rewards = scores;
            return;
        }

        _hidden.index_copy_(0, tensor(chains.Select(chain => (long)chain).ToArray(), device: _hidden.device), states);
        for (int index = 0; index < chains.Length; index++)
        {
            _rewards[chains[index]] = scores[index];
        }
    }
}
