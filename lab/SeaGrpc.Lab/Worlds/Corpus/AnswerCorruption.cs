namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>Damages answers so that the grammar no longer generates them.</summary>
internal static class AnswerCorruption
{
    private static readonly string[] Replacements =
        [.. AnswerGrammar.AllWords.Concat(Lexicon.Problems).Concat(Lexicon.Objects).Distinct()];

    /// <summary>A damaged copy of a grammatical answer.</summary>
    /// <param name="words">The answer's words.</param>
    /// <param name="edits">Number of edits, 1 or more; each replaces, swaps, drops, repeats or inserts words.</param>
    /// <param name="random">Draws the edits.</param>
    public static string[] Damage(IReadOnlyList<string> words, int edits, SeededRandom random) => Redraw.Until(
        () =>
        {
            var damaged = words.ToList();
            for (var i = 0; i < edits; i++)
            {
                Edit(damaged, random);
            }

            return damaged.ToArray();
        },
        damaged => AnswerRecogniser.Recognise(damaged) is null);

    private static void Edit(List<string> words, SeededRandom random)
    {
        var at = random.Next(words.Count);
        switch (random.Next(10))
        {
            case 0:
                var other = random.Next(words.Count);
                (words[at], words[other]) = (words[other], words[at]);
                break;
            case 1 when words.Count > 1:
                words.RemoveAt(at);
                break;
            case 2:
                words.Insert(at, words[at]);
                break;
            case 3:
                words.Insert(at, random.Pick(Replacements));
                break;
            case 4 when at > 0:
                words.RemoveRange(at, words.Count - at);
                break;
            case 5:
                words[at] = random.Pick(AnswerGrammar.PolarWords);
                break;
            default:
                words[at] = random.Pick(Replacements);
                break;
        }
    }
}
