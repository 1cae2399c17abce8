using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>Where a response's sentences begin: after every token whose text ends one.</summary>
internal static class Sentences
{
    private const string Ends = ".!?…。！？\n";

    /// <summary>The cuts between sentences, from the first token that may change to the end: positions from 0, in order.</summary>
    /// <param name="state">The search.</param>
    /// <param name="response">Its current response: ids, without EOS.</param>
    public static int[] Cuts(SearchState state, IReadOnlyList<int> response)
    {
        Tokenizer tokenizer = state.Context.Models.Policy.Tokenizer;
        return
        [
            .. Enumerable.Range(state.Pinned, Math.Max(0, response.Count - state.Pinned))
                .Where(place => place == state.Pinned || End(tokenizer, response[place - 1])),
            response.Count,
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
