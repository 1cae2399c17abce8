using System.Text;
using SeaGrpc.Modeling.Tokenization.Characters;

namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Finds the characters of a class. Each is a match of its own.</summary>
internal static class CharacterClasses
{
    internal static bool IsNumeric(Rune rune) => CharacterData.IsNumeric(rune.Value);

    internal static bool IsPunctuation(Rune rune) => CharacterData.IsPunctuation(rune.Value);

    /// <summary>Finds runs of word characters, and runs of characters that are neither word characters nor white space.</summary>
    internal static IEnumerable<(int Start, int End)> FindWords(string text)
    {
        var (start, end, wasWord) = (-1, 0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var isSpace = Rune.IsWhiteSpace(rune);
            var isWord = CharacterData.IsWord(rune.Value);
            if (start >= 0 && (isSpace || isWord != wasWord))
            {
                yield return (start, end);
                start = -1;
            }

            start = isSpace ? -1 : start < 0 ? end : start;
            wasWord = isWord;
            end += rune.Utf16SequenceLength;
        }

        if (start >= 0)
        {
            yield return (start, end);
        }
    }

    internal static Func<string, IEnumerable<(int Start, int End)>> Finder(Func<Rune, bool> belongs) => text => Find(text, belongs);

    private static IEnumerable<(int Start, int End)> Find(string text, Func<Rune, bool> belongs)
    {
        var start = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var end = start + rune.Utf16SequenceLength;
            if (belongs(rune))
            {
                yield return (start, end);
            }

            start = end;
        }
    }
}
