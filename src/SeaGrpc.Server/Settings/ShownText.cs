using System.Globalization;
using System.Text;

namespace SeaGrpc.Server.Settings;

/// <summary>Text of the operator's as a message shows it: on one line, control characters as \u001B, cut where it is long.</summary>
internal static class ShownText
{
    private const int MaxLength = 200;

    public static string Of(string text)
    {
        var shown = new StringBuilder();
        foreach (char letter in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            _ = char.IsControl(letter) ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}") : shown.Append(letter);
        }

        return text.Length > MaxLength ? $"{shown}…" : shown.ToString();
    }
}
