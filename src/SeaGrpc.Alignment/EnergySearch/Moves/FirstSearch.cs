using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Searches for a response from the first token. Made once.</summary>
/// <param name="state">The search.</param>
internal sealed class FirstSearch(SearchState state) : IMove
{
    private PrefixSearch? _search;
    private long _spentBefore;

    public bool CanBegin => !IsDone;

    public PrefixSearch? Search => _search;

    /// <summary>Whether the search has been made.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Model tokens that the search has read; 0 before it is made.</summary>
    public long Tokens { get; private set; }

    /// <summary>Creates a search from the first token.</summary>
    /// <param name="state">The search that it belongs to.</param>
    /// <param name="widenings">How many times the number of beams is doubled.</param>
    public static PrefixSearch Of(SearchState state, int widenings)
    {
        RunContext context = state.Context;
        IReadOnlyList<int> prefix = context.Task.ResponsePrefixOpen ? [] : context.Task.ResponsePrefix;
        return new PrefixSearch(
            context,
            EnergySearchShapes.Widened(state.Parameters, state.Margin, widenings),
            [new Continuation(PrefixRows.Start(context, prefix), state.Current.Energy)],
            state.Spread.Note);
    }

    public bool Advance(out Proposal? proposal)
    {
        if (_search is null)
        {
            _spentBefore = state.Spent;
            _search = Of(state, widenings: 0);
        }

        if (!_search.AdvanceTo(out proposal))
        {
            return false;
        }

        IsDone = true;
        Tokens = state.Spent - _spentBefore;
        return true;
    }

    public void Dispose() => _search?.Dispose();
}
