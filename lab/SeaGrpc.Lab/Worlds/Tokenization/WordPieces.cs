using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>Cuts texts into the pieces that a tokenizer should hold as one token each.</summary>
internal static partial class WordPieces
{
    /// <summary>Stands in texts for a word that varies; it is not a piece itself.</summary>
    public const string Blank = "x";

    /// <summary>
    /// Every word of the texts, with a leading space where it follows another, without one where it begins a text; no duplicates.
    /// </summary>
    public static string[] Of(IEnumerable<string> texts) =>
    [
        .. texts.SelectMany(text => Word().Matches(text)).Select(match => match.Value)
            .Where(piece => piece.Trim() != Blank).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Each text as it stands and with a small first letter, as people type it.</summary>
    public static IEnumerable<string> InBothCases(IEnumerable<string> texts) =>
        texts.SelectMany(text => new[] { text, char.ToLowerInvariant(text[0]) + text[1..] });

    [GeneratedRegex(@" ?\p{L}+")]
    private static partial Regex Word();
}
