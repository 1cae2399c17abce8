using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;

namespace SeaGrpc.Server.Validation;

/// <summary>Checks that a draft with a fixed prefix starts with the prefix.</summary>
internal static class FixedPrefix
{
    /// <summary>
    /// The draft's ids, which start with the prefix's. If the draft is text and one of its tokens spans the end of the prefix, the rest
    /// after the prefix is tokenised separately.
    /// </summary>
    /// <param name="draft">Its ids when tokenised alone.</param>
    /// <param name="draftIds">Its ids by itself.</param>
    /// <param name="prefix">The prefix.</param>
    /// <param name="prefixIds">Its ids.</param>
    /// <param name="models">Provides the tokenizer.</param>
    /// <param name="violations">Receives violations for both fields if the draft does not start with the prefix.</param>
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

    /// <summary>The prefix's ids followed by the rest's, or null if they decode to a different text than the draft.</summary>
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
