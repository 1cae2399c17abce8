using System.Globalization;

namespace SeaGrpc.Modeling.Tokenization.Characters;

/// <summary>What Hugging Face's tokenizers know about characters: general categories, and the sets that their parts use.</summary>
/// <remarks>
/// Their parts use different Unicode versions, none of which is .NET's. CharacterData.txt, written by build/make-character-data.mjs,
/// contains the result of each part for every code point.
/// </remarks>
internal static class CharacterData
{
    private const int Count = 0x110000;

    private static readonly string[] Names =
        ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe",
            "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"];

    private static readonly byte[] Categories = new byte[Count];
    private static readonly byte[] Sets = new byte[Count];
    private static readonly Dictionary<int, string> SmallLetters = [];

    static CharacterData()
    {
        Array.Fill(Categories, (byte)UnicodeCategory.OtherNotAssigned);
        Array.Fill(Categories, (byte)UnicodeCategory.Surrogate, 0xD800, 0x800);
        Categories[0] = (byte)UnicodeCategory.Control;
        foreach ((string section, string[] fields) in EmbeddedTable.Read("CharacterData.txt"))
        {
            Read(section, fields);
        }
    }

    [Flags]
    private enum Set : byte
    {
        PatternWord = 1,
        Word = 2,
        Mark = 4,
        Punctuation = 8,
        Numeric = 16,
    }

    /// <summary>The general category, as used by regular expressions in tokenizer.json (Oniguruma).</summary>
    internal static UnicodeCategory CategoryOf(int c) => (UnicodeCategory)Categories[c];

    /// <summary>Whether <c>\w</c> in a regular expression of tokenizer.json matches the character (Oniguruma).</summary>
    internal static bool IsPatternWord(int c) => Is(c, Set.PatternWord);

    /// <summary>Whether the character belongs to a word, for the pre-tokenizer Whitespace and for added tokens (Rust's regex).</summary>
    internal static bool IsWord(int c) => Is(c, Set.Word);

    /// <summary>Whether the normalizer StripAccents removes the character.</summary>
    internal static bool IsMark(int c) => Is(c, Set.Mark);

    /// <summary>Whether the pre-tokenizers Punctuation and BertPreTokenizer split at the character.</summary>
    internal static bool IsPunctuation(int c) => Is(c, Set.Punctuation);

    /// <summary>Whether the pre-tokenizer Digits splits at the character.</summary>
    internal static bool IsNumeric(int c) => Is(c, Set.Numeric);

    /// <summary>The lower-case form of a character, which may be longer than one; null if there is none.</summary>
    internal static string? LowerOf(int c) => SmallLetters.GetValueOrDefault(c);

    private static bool Is(int c, Set set) => (Sets[c] & (byte)set) != 0;

    private static void Read(string section, string[] fields)
    {
        if (section == "lower")
        {
            SmallLetters.Add(Hex(fields[0]), string.Concat(fields.Skip(1).Select(field => char.ConvertFromUtf32(Hex(field)))));
        }
        else if (section.StartsWith("category ", StringComparison.Ordinal))
        {
            var category = (byte)Array.IndexOf(Names, section[^2..]);
            ForEach(fields, c => Categories[c] = category);
        }
        else
        {
            ReadSet(section switch
            {
                "word of Oniguruma" => Set.PatternWord,
                "word" => Set.Word,
                "mark" => Set.Mark,
                "punctuation" => Set.Punctuation,
                _ => Set.Numeric,
            }, fields);
        }
    }

    // A set consists of some categories, plus and minus certain characters.
    private static void ReadSet(Set set, string[] fields)
    {
        switch (fields[0])
        {
            case "of":
                var whole = fields.Skip(1).Select(name => (byte)Array.IndexOf(Names, name)).ToHashSet();
                for (var c = 0; c < Count; c++)
                {
                    Sets[c] |= whole.Contains(Categories[c]) ? (byte)set : (byte)0;
                }

                break;
            case "with":
                ForEach(fields.Skip(1), c => Sets[c] |= (byte)set);
                break;
            default:
                ForEach(fields.Skip(1), c => Sets[c] &= (byte)~set);
                break;
        }
    }

    private static void ForEach(IEnumerable<string> ranges, Action<int> visit)
    {
        foreach (var range in ranges.Select(range => range.Split('-')))
        {
            for (var c = Hex(range[0]); c <= Hex(range[^1]); c++)
            {
                visit(c);
            }
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber);
}
