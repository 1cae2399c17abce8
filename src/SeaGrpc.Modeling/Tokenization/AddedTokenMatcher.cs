using System.Buffers;
using System.Text;
using SeaGrpc.Modeling.Tokenization.Characters;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Splits a text at its added tokens: leftmost first, and the longest of those that start at the same position.</summary>
/// <remarks>The strip and single-word flags have the same meaning as in Hugging Face's tokenizers (AddedVocabulary).</remarks>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<string, AddedToken> _tokens;
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Dictionary<char, int[]> _lengthsByFirst;
    private readonly SearchValues<char> _firsts;

    internal AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        _tokens = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var token in tokens.Where(token => token.Content.Length > 0))
        {
            _tokens.TryAdd(token.Content, token);
        }

        _lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengthsByFirst = _tokens.Keys
            .GroupBy(content => content[0])
            .ToDictionary(group => group.Key, group => group.Select(content => content.Length).Distinct().OrderDescending().ToArray());
        _firsts = SearchValues.Create([.. _lengthsByFirst.Keys]);
    }

    /// <summary>The pieces in order: text or added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="counts">Whether a token at a position counts as a token there.</param>
    internal IEnumerable<(string Text, int Start, AddedToken? Token)> Split(string text, Func<AddedToken, int, bool> counts)
    {
        var pieceStart = 0;
        var position = 0;
        while (NextFirst(text, position) is var at and >= 0)
        {
            var token = MatchAt(text, at, counts);
            position = at + 1;
            if (token is null)
            {
                continue;
            }

            var start = at;
            var end = position = at + token.Content.Length;
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
                yield return (text[pieceStart..start], pieceStart, null);
            }

            yield return (token.Content, start, token);
            pieceStart = position = end;
        }

        if (pieceStart < text.Length)
        {
            yield return (text[pieceStart..], pieceStart, null);
        }
    }

    private int NextFirst(string text, int from)
    {
        var offset = from < text.Length ? text.AsSpan(from).IndexOfAny(_firsts) : -1;
        return offset < 0 ? -1 : from + offset;
    }

    private static bool EndsWithWord(string text, int end) =>
        Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool BeginsWithWord(string text, int start) =>
        Rune.DecodeFromUtf16(text.AsSpan(start), out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) => CharacterData.IsWord(rune.Value);

    private AddedToken? MatchAt(string text, int at, Func<AddedToken, int, bool> counts)
    {
        foreach (var length in _lengthsByFirst[text[at]])
        {
            if (length <= text.Length - at && _lookup.TryGetValue(text.AsSpan(at, length), out var token) && counts(token, at))
            {
                return token;
            }
        }

        return null;
    }
}
