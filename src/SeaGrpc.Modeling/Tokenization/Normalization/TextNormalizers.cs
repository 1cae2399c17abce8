using System.Text;
using SeaGrpc.Modeling.Tokenization.Characters;

namespace SeaGrpc.Modeling.Tokenization.Normalization;

/// <summary>The normalizers of tokenizer.json other than Unicode's forms. Texts must not contain lone surrogates.</summary>
internal static class TextNormalizers
{
    /// <summary>Lower case, character by character.</summary>
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

    /// <summary>The text with a prefix. An empty text stays empty.</summary>
    internal static string Prepend(string text, string prefix) => text.Length == 0 ? text : prefix + text;

    /// <summary>The text without surrounding white space.</summary>
    internal static string Strip(string text, bool left, bool right)
    {
        text = left ? text.TrimStart() : text;
        return right ? text.TrimEnd() : text;
    }
}
