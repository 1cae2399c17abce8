using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>
/// Replaces, inserts, deletes and swaps tokens within the current response and keeps the rest. The policy determines where; exact energies
/// decide.
/// </summary>
/// <param name="state">The search.</param>
/// <param name="ranking">Ranks the edits of the search's current response, given as a single row.</param>
/// <param name="tokens">Estimate of the model tokens that the ranking reads.</param>
/// <param name="read">Number of edits that are read in an iteration.</param>
internal sealed class SpanMove(
    SearchState state, Func<SearchState, ChainStates, IReadOnlyList<SpanEdit>> ranking, Func<SearchState, long> tokens, int read)
    : IMove
{
    private readonly MoveScorer _scorer = new(state.Context, SeaParameters.Default with { RewardWeight = state.Parameters.RewardWeight });
    private readonly HashSet<string> _tried = [];
    private readonly Queue<SpanEdit> _edits = [];
    private ScoredResponse? _ranked;

    /// <summary>The ranking's tokens, if it has not ranked the edits of the current response yet.</summary>
    public long Preparation => ReferenceEquals(_ranked, state.Current) ? 0 : tokens(state);

    public bool CanBegin
    {
        get
        {
            Rank();
            return _edits.Count > 0;
        }
    }

    /// <summary>Both models read everything from each edit on.</summary>
    public long? Expected => _edits.Take(read)
        .Sum(edit => 2L * (state.Current.Tokens.Count + 1 + edit.Inserted.Length - edit.Removed - edit.Start));

    public bool Advance(out Proposal? proposal)
    {
        IChange[] changes =
        [
            .. Enumerable.Range(0, Math.Min(read, _edits.Count)).Select(_ =>
                _edits.Dequeue().Change(state.Context.Task.MaxResponseTokens, state.Context.Models.Prompts.EosId)),
        ];
        using var kept = new KeptMove(state.Current.Energy, state.Context.Floor.Admits);
        ScoredResponse[] edited = [.. _scorer.Read(state.Reading, [state.Current.Energy], changes, kept).OfType<ScoredResponse>()];
        ScoredResponse? best = state.Context.Stopped(edited)
            .Where(state.Context.Floor.Admits)
            .MinBy(response => response.Energy);
        proposal = best is null ? null : new Proposal(best, kept.Take(best) is { } rows ? PrefixRows.Of(rows) : null);
        return true;
    }

    public void Dispose()
    {
    }

    // Edits that were tried from another response had a higher energy than that response, so they need not be tried again.
    private void Rank()
    {
        if (ReferenceEquals(_ranked, state.Current))
        {
            return;
        }

        _ranked = state.Current;
        _edits.Clear();
        foreach (SpanEdit edit in ranking(state, state.Reading))
        {
            int[] content = state.Reading.Rows.Content(0);
            int[] edited = [.. content.Take(edit.Start), .. edit.Inserted, .. content.Skip(edit.Start + edit.Removed)];
            if (_tried.Add(string.Join(',', edited)))
            {
                _edits.Enqueue(edit);
            }
        }
    }
}
