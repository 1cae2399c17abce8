namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Finds what of a text a model has no token for. Like Hugging Face's tokenizers, this one encodes such texts anyway.</summary>
internal static class VocabularyGaps
{
    /// <summary>Describes the gap and its effect, or null if every text keeps all its bytes or unknown characters have a token.</summary>
    /// <param name="model">The model.</param>
    /// <param name="isByteLevel">Whether pieces are in the byte-level alphabet.</param>
    internal static string? Describe(BytePairModel model, bool isByteLevel)
    {
        if (isByteLevel)
        {
            return Describe(
                [.. ByteAlphabet.Utf8Bytes.Where(value => !model.Vocabulary.ContainsKey(ByteAlphabet.ToSymbol(value).ToString()))],
                model.UnknownId is { } id ? $"each becomes {model.Vocabulary.First(entry => entry.Value == id).Key}" : "a text loses them"
            );
        }

        if (model.UnknownId is not null)
        {
            return null;
        }

        return model.ByteIds is { } ids
            ? Describe(
                [.. ByteAlphabet.Utf8Bytes.Where(value => ids[value] < 0 && !IsCharacter(model, value))],
                "a text loses the characters that need them"
            )
            : "The vocabulary has neither an unk_token nor tokens for bytes: a text loses the characters that have no "
                + "token, as in transformers.";
    }

    private static string? Describe(IReadOnlyList<byte> missing, string consequence) =>
        missing.Count == 0
            ? null
            : $"The vocabulary has no token for {missing.Count} of the bytes that occur in UTF-8 "
                + $"({string.Join(" ", missing.Select(value => value.ToString("X2")))}): "
                + $"{consequence}, as in transformers.";

    private static bool IsCharacter(BytePairModel model, byte value) =>
        value < 0x80 && model.Vocabulary.ContainsKey(((char)value).ToString());
}
