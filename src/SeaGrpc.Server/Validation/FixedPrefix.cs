using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;

namespace SeaGrpc.Server.Validation;

/// <summary>The rule for a draft with a fixed prefix: the draft starts with the prefix.</summary>
internal static class FixedPrefix
{
    /// <summary>
    /// The draft in ids that start with the prefix's. A draft given as text is tokenised from the prefix's end on where its own
    /// tokens would run across that end.
    /// </summary>
    /// <param name="draft">The draft.</param>
    /// <param name="draftIds">Its ids by itself.</param>
    /// <param name="prefix">The prefix.</param>
    /// <param name="prefixIds">Its ids.</param>
    /// <param name="models">Their tokenizer.</param>
    /// <param name="violations">Takes both fields where the draft does not start with the prefix.</param>
    public static IReadOnlyList<int> Hold(
        ValidResponse draft, IReadOnlyList<int> draftIds, ValidResponse prefix, IReadOnlyList<int> prefixIds, ServedModels models,
        Violations violations)
    {
        if (draftIds.Take(prefixIds.Count).SequenceEqual(prefixIds))
        {
            return draftIds;
        }

        string start = prefix.Text ?? models.Tokenizer.Decode(prefixIds);
        string? rest = draft.Text is { } text && text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : null;
        if (rest is not null && Join(prefixIds, rest, draftIds, models) is { } joined)
        {
            return joined;
        }

        const string Rule = "a draft must start with a fixed prefix";
        string form = draft.Text is null || rest is not null ? ", with the same token ids" : string.Empty;
        violations.Invalid(draft.Path, $"must start with {prefix.Path}{form}: {Rule}; add it, or omit one of the two");
        violations.Invalid(prefix.Path, $"must be what {draft.Path} starts with{form}: {Rule}; change it, or omit one of the two");
        return draftIds;
    }

    /// <summary>The prefix's ids and the rest's, or null if they make another text than the draft's.</summary>
    private static int[]? Join(IReadOnlyList<int> prefixIds, string rest, IReadOnlyList<int> draftIds, ServedModels models)
    {
        try
        {
            int[] joined = [.. prefixIds, .. models.Prompts.EncodeResponse(rest)];
            return models.Tokenizer.Decode(joined) == models.Tokenizer.Decode(draftIds) ? joined : null;
        }
        catch (TokenizationException)
        {
            return null;
        }
    }
}
