namespace SeaGrpc.Lab.Worlds;

/// <summary>The support-desk world: requests about a faulty object, and answers with eight slots that are each good or bad.</summary>
/// <remarks>
/// docs/embedded-world.md describes it. Everything is drawn from seeds: the same seed gives the same prompts and answers on every
/// machine. Thread-safe.
/// </remarks>
public static class SupportDesk
{
    /// <summary>Slots in an answer.</summary>
    public const int SlotCount = AnswerGrammar.SlotCount;

    /// <summary>The probability with which the base policy's corpus makes a slot bad, independently of the others.</summary>
    public const double BadSlotProbability = 0.7;

    /// <summary>The problems that requests are about, one word each.</summary>
    public static IReadOnlyList<string> Problems => Lexicon.Problems;

    /// <summary>The objects that requests are about, one word each.</summary>
    public static IReadOnlyList<string> Objects => Lexicon.Objects;

    /// <summary>How likely an answer of the base policy's corpus is all good: 0.3 to the power 8.</summary>
    public static double AllGoodProbability => Math.Pow(1 - BadSlotProbability, SlotCount);

    /// <summary>Distinct prompts of the split that no training or tuning sees, up to 1,560.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer prompts than <paramref name="count"/>.</exception>
    public static IReadOnlyList<WorldPrompt> HeldOutPrompts(int count, int seed) => PromptSplit.Prompts(PromptSplit.HeldOut, count, seed);

    /// <summary>Distinct prompts for choosing settings, disjoint from training and from the held-out split, up to 390.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer prompts than <paramref name="count"/>.</exception>
    public static IReadOnlyList<WorldPrompt> TuningPrompts(int count, int seed) => PromptSplit.Prompts(PromptSplit.Tuning, count, seed);

    /// <summary>Distinct prompts of the training split, up to 5,850.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer prompts than <paramref name="count"/>.</exception>
    public static IReadOnlyList<WorldPrompt> TrainingPrompts(int count, int seed) => PromptSplit.Prompts(PromptSplit.Training, count, seed);

    /// <summary>Finds the one problem and the one object that a text names, in any case.</summary>
    /// <returns>The prompt with the text as given, or null if the text does not name exactly one of each.</returns>
    public static WorldPrompt? RecognisePrompt(string text)
    {
        var words = WordText.Split(text.ToLowerInvariant());
        var problems = words.Where(Lexicon.Problems.Contains).Distinct().ToArray();
        var things = words.Where(Lexicon.Objects.Contains).Distinct().ToArray();
        return problems.Length == 1 && things.Length == 1
            ? new WorldPrompt(text, problems[0], things[0], PromptSplit.IsUnseen(problems[0], things[0]))
            : null;
    }

    /// <summary>An answer to a prompt with each slot bad by chance, as the base policy's corpus has it.</summary>
    /// <param name="prompt">The request.</param>
    /// <param name="random">Draws slots and neutral wordings.</param>
    /// <param name="badSlotProbability">How likely each slot is bad, independently.</param>
    public static string Answer(WorldPrompt prompt, SeededRandom random, double badSlotProbability = BadSlotProbability)
    {
        var good = Enumerable.Range(0, SlotCount).Select(_ => !random.Chance(badSlotProbability)).ToArray();
        return Answer(prompt, good, random);
    }

    /// <summary>An answer to a prompt with the slots as given.</summary>
    /// <param name="prompt">The request.</param>
    /// <param name="goodSlots">Which slots are good: <see cref="SlotCount"/> values.</param>
    /// <param name="random">Draws the neutral wordings.</param>
    public static string Answer(WorldPrompt prompt, IReadOnlyList<bool> goodSlots, SeededRandom random)
    {
        if (goodSlots.Count != SlotCount)
        {
            throw new ArgumentException($"There are {SlotCount} slots, not {goodSlots.Count}.", nameof(goodSlots));
        }

        return WordText.Join(AnswerSampler.Sample(prompt.Problem, prompt.Object, goodSlots, random));
    }
}
