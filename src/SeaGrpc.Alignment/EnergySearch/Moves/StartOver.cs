using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Samples a response of the policy that the search starts over from, whatever its energy is.</summary>
/// <param name="state">The search.</param>
internal sealed class StartOver(SearchState state) : IMove
{
    private PrefixSearch? _search;

    public bool CanBegin => state.Starts <= state.Parameters.Restarts;

    /// <summary>As many as the run has read on its way from a start to where no move helps, at an average.</summary>
    public long? Expected => state.Spent / state.Starts;

    public PrefixSearch? Search => _search;

    public bool Advance(out Proposal? proposal)
    {
        _search ??= state.FromTheStart(EnergySearchShapes.Samples(1));
        if (!_search.AdvanceTo(out proposal))
        {
            return false;
        }

        _search.Dispose();
        _search = null;
        return true;
    }

    public void Dispose() => _search?.Dispose();
}
