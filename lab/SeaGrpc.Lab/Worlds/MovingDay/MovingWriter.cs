namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>Writes answers that the grammar generates, sentence by sentence.</summary>
internal static class MovingWriter
{
    /// <summary>The sentences of an answer that names facts: every sentence that they call for, once, in their order.</summary>
    /// <param name="facts">The facts in their order, beginning with customer, day and hour.</param>
    /// <param name="random">Draws the wording.</param>
    public static List<string[]> Write(IReadOnlyList<string> facts, SeededRandom random)
    {
        List<string[]> sentences = [];
        for (int at = 0; at < facts.Count;)
        {
            SentenceKind kind = MovingPlan.KindOf(facts[at])!.Value;
            int named = kind == SentenceKind.Visit ? 3 : 1;
            sentences.Add(Sentence(kind, [.. facts.Skip(at).Take(named)], random));
            at += named;
        }

        return sentences;
    }

    /// <summary>One sentence.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="facts">Its facts in their order.</param>
    /// <param name="random">Draws the wording.</param>
    public static string[] Sentence(SentenceKind kind, IReadOnlyList<string> facts, SeededRandom random)
    {
        var left = new Queue<string>(facts);
        return [.. MovingPlan.Sentences[(int)kind].Select(place => place.Fact is null ? random.Pick(place.Words) : left.Dequeue())];
    }

    /// <summary>A fact of a kind that the slip does not have.</summary>
    public static string Other(MovingSlip slip, FactKind kind, SeededRandom random) =>
        Redraw.Until(() => random.Pick(MovingLexicon.Facts[(int)kind]), word => !slip.Facts.Contains(word));

    /// <summary>The text of sentences.</summary>
    public static string Text(IEnumerable<string[]> sentences) => WordText.Join(sentences.SelectMany(sentence => sentence));
}
