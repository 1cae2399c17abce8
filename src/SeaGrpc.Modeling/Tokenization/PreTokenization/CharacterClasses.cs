using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Finds the characters of a class, each a match of its own.</summary>
internal static class CharacterClasses
{
    internal static bool IsNumeric(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    internal static bool IsPunctuation(Rune rune) => Rune.IsPunctuation(rune) || (rune.IsAscii && Rune.IsSymbol(rune));

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
