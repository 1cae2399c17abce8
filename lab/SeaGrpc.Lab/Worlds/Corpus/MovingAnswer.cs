using SeaGrpc.Lab.Worlds.MovingDay;

namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>An answer of "moving day" with everything exact that can be said of it, for training a reward model.</summary>
/// <param name="Conversation">The request and the answer's text.</param>
/// <param name="Words">The answer's words; each is one token.</param>
/// <param name="WordErrors">How many words may not follow the word before them.</param>
/// <param name="FactErrors">The least number of facts to change, add or drop.</param>
/// <param name="Marks">
/// What holds at single words: whether each may follow the one before, whether each fact may follow the fact before, and which of the
/// slip's facts it is.
/// </param>
public sealed record MovingAnswer(
    Conversation Conversation, IReadOnlyList<string> Words, int WordErrors, int FactErrors, IReadOnlyList<WordMark> Marks)
{
    /// <summary>The subject of marks about words.</summary>
    public const int WordSubject = 0;

    /// <summary>The subject of marks about facts.</summary>
    public const int FactSubject = 1;

    /// <summary>The first of the subjects of marks about which of the slip's facts a fact is.</summary>
    public const int OrderSubject = 2;

    /// <summary>Number of subjects.</summary>
    public static int Subjects => OrderSubject + MovingLexicon.MostFacts;

    /// <summary>Labels an answer.</summary>
    internal static MovingAnswer Of(string? system, string request, MovingSlip slip, IReadOnlyList<string> words)
    {
        (int wordErrors, int factErrors) = MovingReader.Errors(slip, words);
        return new MovingAnswer(
            new Conversation(system, request, WordText.Join(words)), words, wordErrors, factErrors,
            [.. WordMarks(words), .. FactMarks(slip, words)]);
    }

    // The end is the word after the last.
    private static IEnumerable<WordMark> WordMarks(IReadOnlyList<string> words) => Enumerable.Range(0, words.Count + 1)
        .Select(at => new WordMark(
            at, WordSubject, MovingPlan.MayFollow(at == 0 ? null : words[at - 1], at == words.Count ? null : words[at])));

    private static IEnumerable<WordMark> FactMarks(MovingSlip slip, IReadOnlyList<string> words)
    {
        string? before = null;
        for (int at = 0; at <= words.Count; at++)
        {
            string? word = at == words.Count ? null : words[at];
            if (word is null || MovingPlan.FactOf(word) is not null)
            {
                yield return new WordMark(at, FactSubject, slip.MayFollow(before, word));
                before = word;
            }

            if (word is not null && MovingPlan.FactOf(word) is not null)
            {
                for (int order = 0; order < MovingLexicon.MostFacts; order++)
                {
                    yield return new WordMark(at, OrderSubject + order, slip.IndexOf(word) == order);
                }
            }
        }
    }
}
