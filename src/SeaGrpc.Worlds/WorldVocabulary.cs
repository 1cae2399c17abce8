using System.Text.RegularExpressions;

namespace SeaGrpc.Worlds;

/// <summary>The pieces of text that the world is made of: what a tokenizer should hold as one token each.</summary>
public static partial class WorldVocabulary
{
    /// <summary>Every word, with a leading space where it follows another, without one where it begins a text; no duplicates.</summary>
    public static IReadOnlyList<string> Pieces { get; } = Collect();

    private static string[] Collect()
    {
        var texts = new List<string>();
        foreach (var template in Lexicon.Templates)
        {
            var text = template.Replace("{0}", "x", StringComparison.Ordinal).Replace("{1}", "x", StringComparison.Ordinal);
            texts.Add(text);
            texts.Add(char.ToLowerInvariant(text[0]) + text[1..]);
        }

        texts.AddRange(Lexicon.SystemTexts);
        texts.AddRange(AnswerGrammar.AllWords.Concat(Lexicon.Problems).Concat(Lexicon.Objects).Select(word => "x " + word));
        texts.Add(((GrammarPart.Neutral)AnswerGrammar.Parts[0]).Wordings[0][0]);
        return
        [
            .. texts.SelectMany(text => Word().Matches(text)).Select(match => match.Value)
                .Where(piece => piece.Trim() != "x").Distinct().Order(StringComparer.Ordinal),
        ];
    }

    [GeneratedRegex(@" ?\p{L}+")]
    private static partial Regex Word();
}
