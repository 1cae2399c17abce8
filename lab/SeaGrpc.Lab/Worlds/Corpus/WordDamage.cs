using SeaGrpc.Lab.Worlds.KeepYourWord;

namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>Damages answers of "keep your word" by single edits of their words.</summary>
internal static class WordDamage
{
    private static readonly string[] NeutralWords =
        [.. AnswerPlan.Places.OfType<AnswerPlace.Neutral>().SelectMany(place => place.Words).Distinct()];

    private static readonly string[] WeightyWords =
    [
        .. WordLexicon.Actions, .. WordLexicon.Deadlines, .. WordLexicon.Channels,
        .. AnswerPlan.Places.OfType<AnswerPlace.Polar>().SelectMany(place => place.Words),
    ];

    /// <summary>Replaces (mostly), swaps, drops, repeats or inserts a word, or cuts the rest.</summary>
    public static void Edit(List<string> words, SeededRandom random)
    {
        var at = random.Next(words.Count);
        switch (random.Next(20))
        {
            case 0 or 1:
                var other = random.Next(words.Count);
                (words[at], words[other]) = (words[other], words[at]);
                break;
            case 2 or 3 when words.Count > 1:
                words.RemoveAt(at);
                break;
            case 4:
                words.Insert(at, words[at]);
                break;
            case 5:
                words.Insert(at, Draw(words, random));
                break;
            case 6 when at > 0:
                words.RemoveRange(at, words.Count - at);
                break;
            default:
                words[at] = Draw(words, random);
                break;
        }
    }

    private static string Draw(List<string> words, SeededRandom random) => random.Next(4) switch
    {
        0 => random.Pick(NeutralWords),
        1 => random.Pick(WeightyWords),
        2 => random.Pick(words),
        _ => random.Pick(AnswerPlan.AllWords),
    };
}
