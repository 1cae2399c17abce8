using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Searches for a response from the first token. Made once.</summary>
/// <param name="state">The search.</param>
internal sealed class FirstSearch(SearchState state) : IMove
{
    private PrefixSearch? _search;
    private long _spentBefore;

    public bool CanBegin => !IsDone;

    /// <summary>
    /// From a response that was given, it comes after other moves and has to fit in what they have left. Half of its candidates are
    /// dropped with their beams.
    /// </summary>
    public long? Expected =>
        state.IsStartGiven ? EnergySearchShapes.TokensOfCandidates(EnergySearchShapes.First(state.Parameters, state.Rises)) / 2 : null;

    public PrefixSearch? Search => _search;

    /// <summary>Whether the search has been made.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Model tokens that the search has read; 0 before it is made.</summary>
    public long Tokens { get; private set; }

    public bool Advance(out Proposal? proposal)
    {
        if (_search is null)
        {
            _spentBefore = state.Spent;
            _search = state.FromTheStart(EnergySearchShapes.First(state.Parameters, state.Rises));
        }

        if (!_search.AdvanceTo(out proposal, isGivenUp: () => state.IsBlind))
        {
            return false;
        }

        IsDone = true;
        Tokens = state.Spent - _spentBefore;
        _search.Dispose();
        _search = null;
        return true;
    }

    public void Dispose() => _search?.Dispose();
}
