using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Search;

/// <summary>Completes prefixes several times by the policy, a batch of rows at a time.</summary>
/// <param name="shape">How many completions, and what they are worth together.</param>
/// <param name="continuation">Whose prefixes they are; it notes the completions.</param>
/// <param name="prefixes">The prefixes; taken over.</param>
/// <param name="candidates">Each one's number among its step's candidates.</param>
internal sealed class Rollouts(SearchShape shape, Continuation continuation, PrefixRows prefixes, IReadOnlyList<int> candidates)
    : IDisposable
{
    private readonly int[] _rows =
        [.. Enumerable.Range(0, candidates.Count).SelectMany(prefix => Enumerable.Repeat(prefix, shape.Rollouts))];

    private readonly List<double> _rewards = [];
    private Tensor? _next;
    private PrefixRows? _batch;

    /// <summary>Whether every completion is there.</summary>
    public bool IsFinished => _rewards.Count == _rows.Length;

    /// <summary>One token of a batch's completions, or their score.</summary>
    public void Advance()
    {
        int[] members = _rows[_rewards.Count..Math.Min(_rows.Length, _rewards.Count + PrefixSearch.BatchRows)];
        if (_batch is null)
        {
            _next ??= prefixes.Policy.Logits().DetachFromDisposeScope();
            _batch = prefixes.Fan(members, room: int.MaxValue);
            _batch.Draw(PrefixRows.Repeated(_next, members), shape.TopK);
        }
        else if (!_batch.IsGrown)
        {
            _batch.Draw(_batch.Policy.Logits(), shape.TopK);
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

    /// <summary>What a prefix's completions are worth, by reward.</summary>
    /// <param name="prefix">Index among the prefixes.</param>
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
