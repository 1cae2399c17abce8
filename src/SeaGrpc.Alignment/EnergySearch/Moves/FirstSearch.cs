using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Searches for a response from the first token on. Made once.</summary>
/// <param name="state">The search.</param>
internal sealed class FirstSearch(SearchState state) : IMove
{
    private PrefixSearch? _search;
    private bool _isDone;

    public bool CanBegin => !_isDone;

    public PrefixSearch? Search => _search;

    public bool Advance(out Proposal? proposal)
    {
        _search ??= Begin();
        return _search.AdvanceTo(out proposal) && (_isDone = true);
    }

    public void Dispose() => _search?.Dispose();

    private PrefixSearch Begin()
    {
        RunContext context = state.Context;
        IReadOnlyList<int> prefix = context.Task.ResponsePrefixOpen ? [] : context.Task.ResponsePrefix;
        return new PrefixSearch(
            context,
            EnergySearchShapes.First(state.Parameters, state.Margin),
            [new Continuation(PrefixRows.Start(context, prefix), state.Current.Energy)],
            state.Spread.Note);
    }
}
