using System.Globalization;
using SeaGrpc.Lab.Worlds.Tokenization;

namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>The pieces of text that the world is made of: what a tokenizer should hold as one token each.</summary>
internal static class KeepYourWordVocabulary
{
    /// <summary>Every word, with a leading space where it follows another, without one where it begins a text; no duplicates.</summary>
    public static IReadOnlyList<string> Pieces { get; } = WordPieces.Of(
    [
        .. WordPieces.InBothCases(WordLexicon.Templates.Select(template =>
            string.Format(CultureInfo.InvariantCulture, template, WordPieces.Blank, WordPieces.Blank, WordPieces.Blank))),
        .. Lexicon.SystemTexts,
        .. AnswerPlan.AllWords.Select(word => $"{WordPieces.Blank} {word}"),
        .. AnswerPlan.Places[0].Words,
    ]);
}
