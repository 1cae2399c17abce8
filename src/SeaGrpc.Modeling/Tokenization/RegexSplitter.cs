using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Cuts a text into the matches of a pattern and what lies between them (behaviour Isolated).</summary>
/// <remarks>
/// .NET's expressions see UTF-16 units, while the patterns are meant for code points. Each code point above U+FFFF is
/// therefore shown to the expression as one character below it with the same general category.
/// </remarks>
internal sealed class RegexSplitter
{
    /// <summary>The pattern of GPT-2, which a ByteLevel pre-tokenizer with use_regex applies.</summary>
    internal const string ByteLevelPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private readonly Regex _regex;

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="ArgumentException">The pattern is not one that .NET reads with the same meaning.</exception>
    internal RegexSplitter(string pattern)
    {
        // Class operators whose meaning differs between the two dialects.
        if (pattern.Contains("&&", StringComparison.Ordinal) || pattern.Contains("[:", StringComparison.Ordinal)
            || pattern.Contains("-[", StringComparison.Ordinal))
        {
            throw new ArgumentException("it uses set operations of character classes");
        }

        _regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled);
    }

    /// <summary>The pieces in order; together they are the text.</summary>
    internal IEnumerable<string> Split(string text)
    {
        var (shown, offsets) = Show(text);
        var end = 0;
        for (var match = _regex.Match(shown); match.Success; match = match.NextMatch())
        {
            if (match.Length == 0)
            {
                continue;
            }

            if (match.Index > end)
            {
                yield return Slice(end, match.Index);
            }

            end = match.Index + match.Length;
            yield return Slice(match.Index, end);
        }

        if (end < shown.Length)
        {
            yield return Slice(end, shown.Length);
        }

        string Slice(int from, int to) => offsets is null ? text[from..to] : text[offsets[from]..offsets[to]];
    }

    private static (string Shown, int[]? Offsets) Show(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
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
            shown.Append(rune.IsBmp ? (char)rune.Value : Representative(Rune.GetUnicodeCategory(rune)));
        }

        offsets.Add(offset);
        return (shown.ToString(), [.. offsets]);
    }

    private static char Representative(UnicodeCategory category) => category switch
    {
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
        UnicodeCategory.OtherNumber => '\u00B2',
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
