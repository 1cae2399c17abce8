using SeaGrpc.Alignment.EnergySearch.Cuts;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>
/// Cuts the current response at several positions and searches for a continuation from each. Uses fewer positions if the budget is short.
/// </summary>
/// <param name="state">The search.</param>
/// <param name="first">The search from the first token. Its tokens are the estimate for the first rewrites.</param>
internal sealed class RewriteMove(SearchState state, FirstSearch first) : IMove
{
    private readonly CutPlaces _cuts = new(state);
    private PrefixSearch? _search;
    private long _spentBefore;
    private long? _tokensOfOne;

    public bool CanBegin => true;

    /// <summary>
    /// Estimate for one rewrite. Before the first, it is the tokens of the first search, scaled to the number of beams, or what its
    /// candidates cost if there was no such search.
    /// </summary>
    public long? Expected =>
        _tokensOfOne ?? Math.Max(
            1,
            first.IsDone
                ? first.Tokens * state.Parameters.RewriteBeamWidth / (2 * state.Parameters.BeamWidth)
                : EnergySearchShapes.TokensOfCandidates(Shape));

    public PrefixSearch? Search => _search;

    private SearchShape Shape => EnergySearchShapes.Rewrites(state.Parameters, state.Rises);

    public bool Advance(out Proposal? proposal)
    {
        _search ??= Begin();
        if (!_search.AdvanceTo(out proposal))
        {
            return false;
        }

        _tokensOfOne = Math.Max(1, (state.Spent - _spentBefore) / _search.Continuations.Count);
        _search.Dispose();
        _search = null;
        return true;
    }

    public void Dispose() => _search?.Dispose();

    private PrefixSearch Begin()
    {
        _spentBefore = state.Spent;
        int[] cuts = _cuts.Draw((int)Math.Clamp(state.Left / Expected!.Value, 1, state.Parameters.Rewrites));
        return new PrefixSearch(
            state.Context,
            Shape,
            [.. cuts.Select(cut => new Continuation(PrefixRows.Gather([(state.Rows, 0)], cut), state.Current.Energy))],
            state.Note);
    }
}
