using System.Globalization;
using System.Text;

namespace SeaGrpc.Lab.Evaluation.Judging.Numbers;

/// <summary>
/// Writes the decimal digits of every script (Arabic-Indic, Devanagari, fullwidth, mathematical bold, ...) as 0 to 9: they are
/// the same numbers. Fullwidth forms of other ASCII characters and the Arabic separators are written in ASCII with them.
/// </summary>
internal static class AsciiDigits
{
    private const char FirstFullwidth = '\uFF01';
    private const char LastFullwidth = '\uFF5E';
    private const int FullwidthOffset = FirstFullwidth - '!';
    private const char ArabicDecimalSeparator = '\u066B';
    private const char ArabicThousandsSeparator = '\u066C';

    /// <summary>The text with ASCII digits; characters that are not digits keep their meaning.</summary>
    public static string Of(string text)
    {
        if (text.All(char.IsAscii))
        {
            return text;
        }

        var written = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber)
            {
                written.Append((int)Rune.GetNumericValue(rune));
            }
            else
            {
                written.Append(Plain(rune));
            }
        }

        return written.ToString();
    }

    private static string Plain(Rune rune) => rune.Value switch
    {
        >= FirstFullwidth and <= LastFullwidth => ((char)(rune.Value - FullwidthOffset)).ToString(),
        ArabicDecimalSeparator => ".",
        ArabicThousandsSeparator => ",",
        _ => rune.ToString(),
    };
}
