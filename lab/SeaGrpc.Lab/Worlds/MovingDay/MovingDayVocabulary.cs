using System.Globalization;
using SeaGrpc.Lab.Worlds.Tokenization;

namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>The pieces of text that the world is made of: what a tokenizer should hold as one token each.</summary>
internal static class MovingDayVocabulary
{
    /// <summary>Every word with a space before it; no duplicates.</summary>
    public static IReadOnlyList<string> Pieces { get; } = WordPieces.Of(
    [
        .. WordPieces.InBothCases(MovingLexicon.Templates
            .Select(template => string.Format(CultureInfo.InvariantCulture, template, WordPieces.Blank))).Select(text => $" {text}"),
        .. Lexicon.SystemTexts.Select(text => $" {text}"),
        .. MovingPlan.AllWords.Select(word => $" {word}"),
    ]);
}
