using System.Buffers;
using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Characters;

/// <summary>A text, transformed so that .NET's regular expressions match what Oniguruma would.</summary>
/// <remarks>
/// .NET's expressions operate on UTF-16 units and use .NET's Unicode version. Each code point above U+FFFF, and each one whose general
/// category differs in .NET, is therefore replaced by a character below U+FFFF of the same category and the same membership in words.
/// </remarks>
internal static class ShownText
{
    private const char WordSymbol = '\u24D0';
    private const char WordNumber = '\u00BC';

    // Surrogates, and characters whose category differs.
    private static readonly SearchValues<char> Changed = SearchValues.Create([.. Enumerable.Range(0, 0x10000)
        .Select(c => (char)c)
        .Where(c => char.IsSurrogate(c) || CharUnicodeInfo.GetUnicodeCategory(c) != CharacterData.CategoryOf(c))]);

    /// <summary>The transformed text, and the original position of each of its characters; null if nothing changed.</summary>
    internal static (string Shown, int[]? Offsets) Of(string text)
    {
        if (!text.AsSpan().ContainsAny(Changed))
        {
            return (text, null);
        }

        var shown = new StringBuilder(text.Length);
        var offsets = new List<int>(text.Length + 1);
        var offset = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            offsets.Add(offset);
            offset += rune.Utf16SequenceLength;
            shown.Append(rune.IsBmp && !Changed.Contains((char)rune.Value) ? (char)rune.Value : Representative(rune.Value));
        }

        offsets.Add(offset);
        return (shown.ToString(), [.. offsets]);
    }

    /// <summary>A character of the same kind.</summary>
    internal static char Representative(int c) => CharacterData.CategoryOf(c) switch
    {
        UnicodeCategory.OtherSymbol when CharacterData.IsPatternWord(c) => WordSymbol,
        UnicodeCategory.OtherNumber when CharacterData.IsPatternWord(c) => WordNumber,
        UnicodeCategory.UppercaseLetter => '\u10A0',
        UnicodeCategory.LowercaseLetter => '\u1D79',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u05D0',
        UnicodeCategory.NonSpacingMark => '\u0483',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u16EE',
        UnicodeCategory.OtherNumber => '\u2460',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.InitialQuotePunctuation => '\u00AB',
        UnicodeCategory.FinalQuotePunctuation => '\u00BB',
        UnicodeCategory.OtherPunctuation => '\u00A1',
        UnicodeCategory.MathSymbol => '\u2200',
        UnicodeCategory.CurrencySymbol => '\u00A4',
        UnicodeCategory.ModifierSymbol => '\u02D4',
        UnicodeCategory.OtherSymbol => '\u00A6',
        UnicodeCategory.Format => '\u00AD',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };
}
