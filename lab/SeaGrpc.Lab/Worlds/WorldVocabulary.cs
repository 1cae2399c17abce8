using SeaGrpc.Lab.Worlds.Tokenization;

namespace SeaGrpc.Lab.Worlds;

/// <summary>The pieces of text that the world is made of: what a tokenizer should hold as one token each.</summary>
public static class WorldVocabulary
{
    /// <summary>Every word, with a leading space where it follows another, without one where it begins a text; no duplicates.</summary>
    public static IReadOnlyList<string> Pieces { get; } = WordPieces.Of(
    [
        .. WordPieces.InBothCases(Lexicon.Templates.Select(template => template
            .Replace("{0}", WordPieces.Blank, StringComparison.Ordinal).Replace("{1}", WordPieces.Blank, StringComparison.Ordinal))),
        .. Lexicon.SystemTexts,
        .. AnswerGrammar.AllWords.Concat(Lexicon.Problems).Concat(Lexicon.Objects).Select(word => $"{WordPieces.Blank} {word}"),
        ((GrammarPart.Neutral)AnswerGrammar.Parts[0]).Wordings[0][0],
    ]);
}
