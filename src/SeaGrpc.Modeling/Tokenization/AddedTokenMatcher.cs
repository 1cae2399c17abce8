using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Cuts a text at its added tokens: leftmost first, and the longest of those that begin at one place.</summary>
/// <remarks>The meaning of the strip and single-word flags is that of Hugging Face's tokenizers (AddedVocabulary).</remarks>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, AddedToken[]> _byFirst;

    internal AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        _byFirst = tokens
            .GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
    }

    /// <summary>The pieces in order: either text or an added token.</summary>
    internal IEnumerable<(string Text, AddedToken? Token)> Split(string text)
    {
        var pieceStart = 0;
        var position = 0;
        while (_byFirst.Count > 0 && position < text.Length)
        {
            var token = MatchAt(text, position);
            if (token is null)
            {
                position++;
                continue;
            }

            var start = position;
            var end = position + token.Content.Length;
            position = end;
            if (token.IsSingleWord && (EndsWithWord(text, start) || BeginsWithWord(text, end)))
            {
                continue;
            }

            while (token.StripsLeft && start > pieceStart && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.StripsRight && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            if (start > pieceStart)
            {
                yield return (text[pieceStart..start], null);
            }

            yield return (token.Content, token);
            pieceStart = position = end;
        }

        if (pieceStart < text.Length)
        {
            yield return (text[pieceStart..], null);
        }
    }

    private static bool EndsWithWord(string text, int end) =>
        Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    private static bool BeginsWithWord(string text, int start) =>
        Rune.DecodeFromUtf16(text.AsSpan(start), out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private AddedToken? MatchAt(string text, int position) =>
        _byFirst.TryGetValue(text[position], out var candidates)
            ? Array.Find(candidates, token => string.CompareOrdinal(text, position, token.Content, 0, token.Content.Length) == 0)
            : null;
}
