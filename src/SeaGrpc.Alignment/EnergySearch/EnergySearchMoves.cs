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

    /// <summary>Number of edits of spans that are read in an iteration.</summary>
    private const int SpansRead = 12;

    /// <summary>Number of edits of sentences that are read in an iteration: about one of each kind at each of six sentences.</summary>
    private const int SentencesRead = 24;

    /// <summary>The moves of a search.</summary>
    /// <param name="state">The search.</param>
    /// <param name="startOver">The move that comes when no other helps; not taken over.</param>
    public static MoveChoice Of(SearchState state, IMove startOver)
    {
        EnergySearchParameters parameters = state.Parameters;
        if (parameters.Acceptance == EnergySearchAcceptance.Metropolis)
        {
            return new MoveChoice([(new SuffixSampleMove(state), () => true)], plateau: 0);
        }

        // A draft from the caller may only need a repair. A sample of the policy needs none.
        bool repairs = state.Context.Task.Draft is not null && state.Starts == 1;
        // Edits and substitutions need the log-probabilities of tokens that are not likely.
        bool edited = state.Context.Prompt.Policy.TellsAllTokens;
        SpanMove? edits = edited && parameters.Spans ? new SpanMove(state, SpanRanking.Of, SpanRanking.Tokens, SpansRead) : null;
        (IMove, Func<bool>)[] spans = edits is null ? [] : [(edits, () => repairs || !state.IsBlind)];
        // Whole sentences too, where a draft may lack one or have one too many. Searches do better where prefixes tell something.
        // But a draft's own prefixes may seem to tell something where a sentence is missing, so these edits come at last then.
        SpanMove? bySentence = edited && repairs && parameters.Spans
            ? new SpanMove(state, SentenceRanking.Of, SentenceRanking.Tokens, SentencesRead)
            : null;
        (IMove, Func<bool>)[] sentences = bySentence is null ? [] : [(bySentence, () => !Tells())];
        (IMove, Func<bool>)[] lastSentences = bySentence is null ? [] : [(bySentence, Tells)];
        (IMove, Func<bool>)[] substitutions =
            edited && parameters.Substitutions ? [(new SubstitutionMove(state), () => !state.IsBlind)] : [];
        // What leans on the energies of prefixes is promising where these tell something.
        FirstSearch first = new(state);
        // A response that was given, and is better than the draft, is worth more than what a search from the first token finds. That comes
        // when no other move helps.
        bool isGiven = state.IsStartGiven && state.Starts == 1;
        RewriteMove rewrites = new(state, first);
        (IMove, Func<bool>)[] led = isGiven ? [(rewrites, Tells)] : [(first, Tells), (rewrites, Tells)];
        return new MoveChoice(
            [.. repairs ? spans : [], .. sentences, .. led, .. repairs ? [] : spans, .. substitutions],
            parameters.PlateauIterations,
            repairs ? edits : null,
            [.. lastSentences, (isGiven ? first : new WiderSearch(state, first), Tells)],
            (new SampleMove(state), () => state.IsBlind),
            (startOver, Tells));

        bool Tells() => !state.IsBlind && state.Rises.Latest <= TellingRise * parameters.RewardWeight;
    }
}
