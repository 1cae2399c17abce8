using System.Globalization;
using System.Text;

namespace SeaGrpc.Server;

/// <summary>
/// Makes text from a caller or operator safe to show in a log line or an error. This is the only place that escapes and truncates it.
/// </summary>
internal static class CallerText
{
    /// <summary>Maximum number of characters of a caller's text that are shown.</summary>
    public const int MostCharacters = 200;

    /// <summary>
    /// The text with control characters, line separators and bidirectional controls escaped as \uXXXX. Text longer than
    /// <see cref="MostCharacters"/> is truncated, and its length is stated.
    /// </summary>
    public static string Shown(string text)
    {
        string escaped = Escaped(Start(text, MostCharacters));
        return text.Length <= MostCharacters && escaped.Length <= MostCharacters
            ? escaped
            : string.Create(CultureInfo.InvariantCulture, $"{Start(escaped, MostCharacters)}… ({text.Length} characters)");
    }

    /// <summary>
    /// A message that may contain such text, escaped in the same way and truncated to its size as grpc-message, where a byte outside ASCII
    /// takes three bytes.
    /// </summary>
    public static string Message(string message, int mostBytes)
    {
        string escaped = Escaped(Start(message, mostBytes));
        int cost = 0;
        int length = 0;
        foreach (Rune rune in escaped.EnumerateRunes())
        {
            cost += rune.IsAscii && rune.Value != '%' ? 1 : 3 * rune.Utf8SequenceLength;
            if (cost > mostBytes)
            {
                return escaped[..length] + "…";
            }

            length += rune.Utf16SequenceLength;
        }

        return escaped;
    }

    private static string Start(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static string Escaped(string text)
    {
        if (!text.EnumerateRunes().Any(IsUnsafe))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsUnsafe(rune))
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            }
            else
            {
                safe.Append(rune.ToString());
            }
        }

        return safe.ToString();
    }

    /// <summary>An unpaired surrogate is read as U+FFFD, which is harmless.</summary>
    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
