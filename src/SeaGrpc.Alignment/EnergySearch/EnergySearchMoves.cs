using SeaGrpc.Alignment.EnergySearch.Moves;
using SeaGrpc.Alignment.EnergySearch.Moves.Spans;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>The moves of a search, according to its parameters.</summary>
internal static class EnergySearchMoves
{
    /// <summary>
    /// How far the longest proper prefix of a response may lie above it for prefixes to predict the outcome, in reward units. It was at
    /// most 1.1 for a real pair of models and at least 1.8 in the embedded worlds.
    /// </summary>
    private const double TellingRise = 1.5;

    /// <summary>The moves of a search.</summary>
    /// <param name="state">The search.</param>
    public static MoveChoice Of(SearchState state)
    {
        EnergySearchParameters parameters = state.Parameters;
        if (parameters.Acceptance == EnergySearchAcceptance.Metropolis)
        {
            return new MoveChoice([(new SuffixSampleMove(state), () => true)], plateau: 0);
        }

        // A draft from the caller may only need a repair. A sample of the policy needs none.
        bool repairs = state.Context.Task.Draft is not null;
        SpanMove? edits = parameters.Spans ? new SpanMove(state) : null;
        (IMove, Func<bool>)[] spans = edits is null ? [] : [(edits, () => repairs || !state.IsBlind)];
        (IMove, Func<bool>)[] substitutions = parameters.Substitutions ? [(new SubstitutionMove(state), () => !state.IsBlind)] : [];
        // What leans on the energies of prefixes is promising where these tell something.
        FirstSearch first = new(state);
        (IMove, Func<bool>)[] led = [(first, Tells), (new RewriteMove(state, first), Tells)];
        return new MoveChoice(
            [.. repairs ? spans : [], .. led, .. repairs ? [] : spans, .. substitutions],
            parameters.PlateauIterations,
            repairs ? edits : null,
            (new WiderSearch(state, first), Tells),
            (new SampleMove(state), () => state.IsBlind));

        bool Tells() => !state.IsBlind && state.LateRise <= TellingRise * parameters.RewardWeight;
    }
}
