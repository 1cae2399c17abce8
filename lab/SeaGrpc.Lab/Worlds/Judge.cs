namespace SeaGrpc.Lab.Worlds;

/// <summary>Judges answers exactly, by the grammar that generates them. Thread-safe.</summary>
public static class Judge
{
    /// <summary>Judges one answer to one prompt.</summary>
    /// <param name="prompt">The request.</param>
    /// <param name="answer">The answer's text, without special tokens.</param>
    /// <returns>What was found. An answer off the grammar is not grammatical; its slots are counted by their words.</returns>
    public static Judgement Assess(WorldPrompt prompt, string answer)
    {
        var words = WordText.Split(answer);
        var onTopic = NamesOnly(words, Lexicon.Problems, prompt.Problem) && NamesOnly(words, Lexicon.Objects, prompt.Object);
        var parse = WordText.Join(words) == answer ? AnswerRecogniser.Recognise(words) : null;
        var good = parse is null
            ? AnswerGrammar.Slots.Count(slot => Occurs(words, slot.Good) && !Occurs(words, slot.Bad))
            : parse.GoodSlots.Count(isGood => isGood);
        return new Judgement(good, parse is not null, onTopic);
    }

    private static bool NamesOnly(string[] words, string[] names, string expected)
    {
        var named = words.Where(names.Contains).Distinct().ToArray();
        return named.Length == 1 && named[0] == expected;
    }

    private static bool Occurs(string[] words, string[] sequence) =>
        Enumerable.Range(0, words.Length).Any(at => AnswerRecogniser.StartsWith(words, at, sequence));
}
