using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>
/// Replaces, inserts, deletes and swaps tokens within the current response and keeps the rest. The policy determines where; exact energies
/// decide.
/// </summary>
/// <param name="state">The search.</param>
/// <param name="ranking">Ranks the edits of the search's current response, given as a single row.</param>
/// <param name="read">Number of edits that are read in an iteration.</param>
internal sealed class SpanMove(SearchState state, Func<SearchState, ChainStates, IReadOnlyList<SpanEdit>> ranking, int read) : IMove
{
    private readonly MoveScorer _scorer = new(state.Context, SeaParameters.Default with { RewardWeight = state.Parameters.RewardWeight });
    private readonly HashSet<string> _tried = [];
    private readonly Queue<SpanEdit> _edits = [];
    private ScoredResponse? _ranked;

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
        ScoredResponse[] edited = [.. _scorer.Read(state.Reading, [state.Current.Energy], changes).OfType<ScoredResponse>()];
        ScoredResponse? best = state.Context.Stopped(edited)
            .Where(state.Context.Floor.Admits)
            .MinBy(response => response.Energy);
        proposal = best is null ? null : new Proposal(best);
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
