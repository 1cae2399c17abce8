using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>What Python's str knows about characters: kinds, digits and case.</summary>
/// <remarks>
/// General categories are .NET's. Where Python's result does not follow from them, it comes from PythonCharacters.txt, which
/// build/make-python-characters.py writes from Unicode's data files.
/// </remarks>
internal static class PythonCharacters
{
    private static readonly Dictionary<string, HashSet<int>> Sets = [];
    private static readonly Dictionary<string, Dictionary<int, string>> Maps = [];

    static PythonCharacters()
    {
        foreach ((string section, string[] fields) in EmbeddedTable.Read("PythonCharacters.txt"))
        {
            Read(section, fields);
        }
    }

    internal static bool IsSpace(int c) => c is (>= 0x9 and <= 0xD) or (>= 0x1C and <= 0x20) or 0x85 or 0xA0
        || (c > 0xA0 && (c is 0x2028 or 0x2029 || Category(c) == UnicodeCategory.SpaceSeparator));

    internal static bool EndsLine(int c) => c is (>= 0xA and <= 0xD) or (>= 0x1C and <= 0x1E) or 0x85 or 0x2028 or 0x2029;

    internal static bool IsAlpha(int c) => Category(c) is >= UnicodeCategory.UppercaseLetter and <= UnicodeCategory.OtherLetter;

    internal static bool IsDecimal(int c) => Category(c) == UnicodeCategory.DecimalDigitNumber;

    internal static bool IsDigit(int c) => IsDecimal(c) || In("digit", c);

    internal static bool IsNumeric(int c) => Category(c)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber || In("numeric", c);

    internal static bool IsAlnum(int c) => IsAlpha(c) || IsNumeric(c);

    internal static bool IsLower(int c) => Category(c) == UnicodeCategory.LowercaseLetter || In("lowercase", c);

    internal static bool IsUpper(int c) => Category(c) == UnicodeCategory.UppercaseLetter || In("uppercase", c);

    internal static bool IsTitle(int c) => Category(c) == UnicodeCategory.TitlecaseLetter;

    internal static bool IsCased(int c) => IsLower(c) || IsUpper(c) || IsTitle(c);

    internal static bool IsIgnoredByCase(int c) => In("ignorable", c) || Category(c)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter
        or UnicodeCategory.ModifierSymbol;

    internal static bool IsPrintable(int c) => c == ' ' || Category(c)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.SpaceSeparator);

    internal static bool BeginsIdentifier(int c) => c == '_' || In("idstart", c)
        || ((IsAlpha(c) || Category(c) == UnicodeCategory.LetterNumber) && !In("notidstart", c));

    internal static bool ContinuesIdentifier(int c) => In("idcontinue", c)
        || (
            (
                IsAlpha(c)
                || Category(c)
                    is UnicodeCategory.LetterNumber
                        or UnicodeCategory.NonSpacingMark
                        or UnicodeCategory.SpacingCombiningMark
                        or UnicodeCategory.DecimalDigitNumber
                        or UnicodeCategory.ConnectorPunctuation
            ) && !In("notidentifier", c)
        );

    /// <summary>The value of a decimal digit in any script, or -1.</summary>
    internal static int DecimalValue(int c) => IsDecimal(c) ? (int)CharUnicodeInfo.GetNumericValue(CodePoints.Of(c), 0) : -1;

    internal static string Upper(int c) => Mapped("upper", c) ?? Simple(c, Rune.ToUpperInvariant);

    internal static string Title(int c) => Mapped("title", c) ?? Upper(c);

    internal static string Lower(int c) => Mapped("lower", c) ?? Simple(c, Rune.ToLowerInvariant);

    internal static string Fold(int c) => Mapped("fold", c) ?? Lower(c);

    private static UnicodeCategory Category(int c) => CharUnicodeInfo.GetUnicodeCategory(c);

    private static bool In(string set, int c) => Sets[set].Contains(c);

    private static string? Mapped(string map, int c) => c < 0x80 ? null : Maps[map].GetValueOrDefault(c);

    private static string Simple(int c, Func<Rune, Rune> map) => Rune.IsValid(c) ? map(new Rune(c)).ToString() : CodePoints.Of(c);

    private static void Read(string section, string[] fields)
    {
        if (section is "upper" or "title" or "lower" or "fold")
        {
            Maps.TryAdd(section, []);
            Maps[section].Add(Hex(fields[0]), string.Concat(fields.Skip(1).Select(field => CodePoints.Of(Hex(field)))));
            return;
        }

        Sets.TryAdd(section, []);
        foreach (var range in fields.Select(field => field.Split('-')))
        {
            for (var c = Hex(range[0]); c <= Hex(range[^1]); c++)
            {
                Sets[section].Add(c);
            }
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber);
}
