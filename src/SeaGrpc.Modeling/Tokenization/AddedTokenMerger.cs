using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Merges the tokens that other files define into those of tokenizer.json, as transformers does.</summary>
/// <remarks>
/// A token that both define has the id of tokenizer.json. A token that is not an added token there has its id in the vocabulary, or else
/// the next free id. One that is given the id of a vocabulary token replaces that token (InternLM 2). Source: PreTrainedTokenizerFast of
/// transformers 4.57, TokenizersBackend of transformers 5.
/// </remarks>
internal static class AddedTokenMerger
{
    /// <summary>Returns all added tokens.</summary>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="own">The added tokens of tokenizer.json.</param>
    /// <param name="named">The tokens of the other files, in the order in which new ones get their ids.</param>
    /// <exception cref="CheckpointException">The files contradict each other.</exception>
    internal static List<AddedToken> Merge(
        IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<AddedToken> own, IReadOnlyList<NamedToken> named)
    {
        var merged = own.ToList();
        var next = Math.Max(vocabulary.Values.DefaultIfEmpty(-1).Max(), own.Select(token => token.Id).DefaultIfEmpty(-1).Max()) + 1;
        foreach (var token in named)
        {
            var index = merged.FindIndex(known => known.Content == token.Content);
            if (index >= 0)
            {
                CheckId(token, merged[index].Id);
                merged[index] = token.FlagsCount
                    ? Make(merged[index].Id, token, merged[index].IsSpecial)
                    : merged[index] with { IsSpecial = merged[index].IsSpecial || token.IsSpecial };
            }
            else if (vocabulary.TryGetValue(token.Content, out var id))
            {
                CheckId(token, id);
                merged.Add(Make(id, token, isSpecial: false));
            }
            else if (token.Id is { } given && given < next)
            {
                merged.Add(Make(Renamed(token, given, merged), token, isSpecial: false));
            }
            else if (!token.IsDefault)
            {
                CheckId(token, next);
                merged.Add(Make(next++, token, isSpecial: false));
            }
        }

        return merged;
    }

    private static AddedToken Make(int id, NamedToken token, bool isSpecial) => new(
        id, token.Content, token.IsSpecial
            || isSpecial, token.Flags.StripsLeft, token.Flags.StripsRight, token.Flags.IsSingleWord, token.Flags.IsNormalized);

    // A placeholder of the vocabulary ([UNUSED_TOKEN_141]) that has been given a meaning. An added token already has one.
    private static int Renamed(NamedToken token, int id, List<AddedToken> merged) =>
        merged.Find(known => known.Id == id) is { } other
            ? throw new CheckpointException(
                token.Path,
                $"the token '{token.Content}' is given the id {id}, which belongs to '{other.Content}'; correct one of them."
            )
            : id;

    private static void CheckId(NamedToken token, int id)
    {
        if (token.Id is { } given && given != id)
        {
            throw new CheckpointException(
                token.Path,
                $"the token '{token.Content}' is given the id {given}, but by tokenizer.json it has or gets {id}; correct one of them, or "
                + "give the token its id in added_tokens of tokenizer.json.");
        }
    }
}
