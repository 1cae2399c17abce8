using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Alignment.Search;

/// <summary>Completes prefixes several times with the policy, one batch of rows at a time.</summary>
/// <param name="shape">Number of completions, and how they are combined.</param>
/// <param name="continuation">The continuation of the prefixes, which records the completions.</param>
/// <param name="prefixes">The prefixes; taken over.</param>
/// <param name="candidates">The index of each prefix among its step's candidates.</param>
internal sealed class Rollouts(SearchShape shape, Continuation continuation, PrefixRows prefixes, IReadOnlyList<int> candidates)
    : IDisposable
{
    private readonly int[] _rows =
        [.. Enumerable.Range(0, candidates.Count).SelectMany(prefix => Enumerable.Repeat(prefix, shape.Rollouts))];

    private readonly List<double> _rewards = [];
    private BeamOutlook? _next;
    private PrefixRows? _batch;

    /// <summary>Whether all completions are done.</summary>
    public bool IsFinished => _rewards.Count == _rows.Length;

    /// <summary>Samples what the policy draws of a batch's completions in a turn, or scores them.</summary>
    public void Advance()
    {
        int[] members = _rows[_rewards.Count..Math.Min(_rows.Length, _rewards.Count + PrefixSearch.BatchRows)];
        if (_batch is null)
        {
            _next ??= prefixes.Context.Prompt.Policy.Ahead([prefixes.Policy])[0]?.Keep();
            _batch = prefixes.Fan(members, room: int.MaxValue);
            _batch.Draw(_next?.Of(members), shape.TopK);
        }
        else if (!_batch.IsGrown)
        {
            _batch.Draw(shape.TopK);
        }
        else
        {
            ScoredResponse[] responses = _batch.Score();
            _rewards.AddRange(responses.Select(response => response.Reward));
            continuation.Note([.. responses.Select((response, row) => (response, candidates[members[row]]))], _batch);
            _batch.Dispose();
            _batch = null;
        }
    }

    /// <summary>The combined reward of a prefix's completions.</summary>
    /// <param name="prefix">Index of the prefix.</param>
    public double Worth(int prefix)
    {
        IEnumerable<double> own = _rewards.Skip(prefix * shape.Rollouts).Take(shape.Rollouts);
        return shape.RolloutRanking == RolloutRanking.Max ? own.Max() : own.Average();
    }

    public void Dispose()
    {
        prefixes.Dispose();
        _batch?.Dispose();
        _next?.Dispose();
    }
}
