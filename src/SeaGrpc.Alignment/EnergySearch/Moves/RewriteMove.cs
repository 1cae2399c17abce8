using SeaGrpc.Alignment.EnergySearch.Cuts;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Cuts the current response at several places, and searches for a continuation of each.</summary>
/// <param name="state">The search.</param>
internal sealed class RewriteMove(SearchState state) : IMove
{
    private readonly CutPlaces _cuts = new(state);
    private PrefixSearch? _search;

    public bool CanBegin => true;

    public PrefixSearch? Search => _search;

    public bool Advance(out Proposal? proposal)
    {
        _search ??= Begin();
        if (!_search.AdvanceTo(out proposal))
        {
            return false;
        }

        _search.Dispose();
        _search = null;
        return true;
    }

    public void Dispose() => _search?.Dispose();

    private PrefixSearch Begin()
    {
        int[] cuts = _cuts.Draw(state.Parameters.Rewrites);
        return new PrefixSearch(
            state.Context,
            EnergySearchShapes.Rewrites(state.Parameters, state.Margin),
            [.. cuts.Select(cut => new Continuation(PrefixRows.Gather([(state.Rows, 0)], cut), state.Current.Energy))],
            state.Spread.Note);
    }
}
