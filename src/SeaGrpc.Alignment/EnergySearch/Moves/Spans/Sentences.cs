using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>Where a response's sentences begin: after every token whose text ends one.</summary>
internal static class Sentences
{
    private const string Ends = ".!?…。！？\n";

    /// <summary>The cuts between sentences, from the first token that may change to the end: positions from 0, in order.</summary>
    /// <param name="state">The search.</param>
    /// <param name="reading">Its current response, as a single row.</param>
    public static int[] Cuts(SearchState state, ChainStates reading)
    {
        Tokenizer tokenizer = state.Context.Models.Policy.Tokenizer;
        int[] content = reading.Rows.Content(0);
        return
        [
            .. Enumerable.Range(state.Pinned, Math.Max(0, content.Length - state.Pinned))
                .Where(place => place == state.Pinned || End(tokenizer, content[place - 1])),
            content.Length,
        ];
    }

    /// <summary>Whether a token's text ends a sentence.</summary>
    public static bool End(Tokenizer tokenizer, int token)
    {
        string text = tokenizer.Decode([token]);
        string visible = text.TrimEnd(' ');
        return visible.Length > 0 && Ends.Contains(visible[^1]);
    }
}
