using System.Text;
using SeaGrpc.Modeling.Tokenization.Characters;

namespace SeaGrpc.Modeling.Tokenization.Normalization;

/// <summary>The normalisers of tokenizer.json that are not Unicode's forms. Texts must have no lone surrogates.</summary>
internal static class TextNormalizers
{
    /// <summary>The small letters, each character for itself.</summary>
    internal static string Lowercase(string text)
    {
        var lower = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            lower.Append(CharacterData.LowerOf(rune.Value) is { } small ? small : units[..rune.EncodeToUtf16(units)]);
        }

        return lower.ToString();
    }

    /// <summary>The text without its marks.</summary>
    internal static string StripAccents(string text)
    {
        var stripped = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            if (!CharacterData.IsMark(rune.Value))
            {
                stripped.Append(units[..rune.EncodeToUtf16(units)]);
            }
        }

        return stripped.ToString();
    }

    /// <summary>The text with something before it; nothing stays nothing.</summary>
    internal static string Prepend(string text, string prefix) => text.Length == 0 ? text : prefix + text;

    /// <summary>The text without white space at its ends.</summary>
    internal static string Strip(string text, bool left, bool right)
    {
        text = left ? text.TrimStart() : text;
        return right ? text.TrimEnd() : text;
    }
}
