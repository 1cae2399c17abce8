using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Repeats the first search, each time with twice as many beams.</summary>
/// <param name="state">The search.</param>
/// <param name="first">The first search.</param>
internal sealed class WiderSearch(SearchState state, FirstSearch first) : IMove
{
    private PrefixSearch? _search;
    private int _made;

    public bool CanBegin => first.IsDone && _made < state.Parameters.Widenings;

    /// <summary>Twice the number of beams reads about twice as many tokens.</summary>
    public long? Expected => first.Tokens << (_made + 1);

    public PrefixSearch? Search => _search;

    public bool Advance(out Proposal? proposal)
    {
        _search ??= state.FromTheStart(EnergySearchShapes.Widened(state.Parameters, state.Rises, _made + 1));
        if (!_search.AdvanceTo(out proposal))
        {
            return false;
        }

        _search.Dispose();
        _search = null;
        _made++;
        return true;
    }

    public void Dispose() => _search?.Dispose();
}
