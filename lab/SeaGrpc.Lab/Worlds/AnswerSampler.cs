namespace SeaGrpc.Lab.Worlds;

/// <summary>Draws answers from the grammar.</summary>
internal static class AnswerSampler
{
    /// <summary>The words of one answer.</summary>
    /// <param name="problem">The problem it names.</param>
    /// <param name="thing">The object it names.</param>
    /// <param name="goodSlots">Which slots are good, by index.</param>
    /// <param name="random">Chooses among the neutral wordings.</param>
    public static string[] Sample(string problem, string thing, IReadOnlyList<bool> goodSlots, SeededRandom random)
    {
        var words = new List<string>();
        foreach (var part in AnswerGrammar.Parts)
        {
            words.AddRange(part switch
            {
                GrammarPart.Neutral neutral => random.Pick(neutral.Wordings),
                GrammarPart.Slot slot => goodSlots[slot.Index] ? slot.Good : slot.Bad,
                GrammarPart.ProblemName => [problem],
                GrammarPart.ObjectName => [thing],
                _ => throw new InvalidOperationException($"The grammar has an unknown part {part.GetType().Name}."),
            });
        }

        return [.. words];
    }
}
