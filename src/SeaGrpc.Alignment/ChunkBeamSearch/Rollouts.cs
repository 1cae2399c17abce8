namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>Completes every candidate that has not ended several times by the policy, a batch of rows at a time.</summary>
/// <param name="task">The task.</param>
/// <param name="parameters">How many completions, and what they are worth together.</param>
/// <param name="candidates">The candidates; they keep their rows.</param>
/// <param name="batchRows">Most rows at a time.</param>
internal sealed class Rollouts(AlignmentTask task, ChunkBeamSearchParameters parameters, IReadOnlyList<Beam> candidates, int batchRows)
    : IDisposable
{
    private readonly int[] _rows =
        [.. Enumerable.Range(0, candidates.Count).SelectMany(candidate => Enumerable.Repeat(candidate, parameters.Rollouts))];

    private readonly List<(int Candidate, ScoredResponse Response)> _completions = [];
    private BeamRows? _batch;

    /// <summary>Whether every completion is there.</summary>
    public bool IsFinished => _completions.Count == _rows.Length;

    /// <summary>One token of a batch's completions, or their score.</summary>
    public void Advance()
    {
        int[] members = _rows[_completions.Count..Math.Min(_rows.Length, _completions.Count + batchRows)];
        _batch ??= BeamRows.Gather(
            [.. members.Select(member => (candidates[member].Rows!, candidates[member].Row))], task.MaxResponseTokens);
        if (!_batch.IsGrown)
        {
            _batch.Step();
            return;
        }

        _completions.AddRange(_batch.Score(appendSuffix: true).Select((response, row) => (members[row], response)));
        _batch.Dispose();
        _batch = null;
    }

    /// <summary>Every completion with its candidate's number in the chunk.</summary>
    public IEnumerable<(ScoredResponse Response, int Candidate)> Completions =>
        _completions.Select(completion => (completion.Response, candidates[completion.Candidate].Candidate));

    /// <summary>What a candidate's completions are worth.</summary>
    /// <param name="candidate">Index among the candidates given.</param>
    public double Worth(int candidate)
    {
        IEnumerable<double> own = _completions.Where(completion => completion.Candidate == candidate)
            .Select(completion => completion.Response.Reward);
        return parameters.RolloutRanking == RolloutRanking.Max ? own.Max() : own.Average();
    }

    public void Dispose() => _batch?.Dispose();
}
