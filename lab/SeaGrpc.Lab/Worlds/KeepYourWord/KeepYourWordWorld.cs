using System.Globalization;

namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>
/// The world "keep your word": answers promise an action, a deadline and a channel, and later repeat them and name the customer.
/// Most of what decides an answer shows late, and early words are neither good nor bad by themselves.
/// </summary>
/// <remarks>docs/embedded-world.md describes it.</remarks>
public sealed class KeepYourWordWorld : IEmbeddedWorld
{
    /// <summary>The world's name.</summary>
    public const string WorldName = "keep-your-word";

    /// <summary>The reward model's folder, the same for every policy.</summary>
    public const string RewardFolder = "word-reward";

    /// <summary>How often each policy's corpus means to meet a requirement, the weakest first.</summary>
    public static IReadOnlyList<double> Strengths { get; } = [0.05, 0.15, 0.30];

    /// <summary>Every word that an answer may hold, once.</summary>
    public static IReadOnlyList<string> Words => AnswerPlan.AllWords;

    /// <summary>The word with which every answer begins.</summary>
    public static string FirstWord => AnswerPlan.Places[0].Words[0];

    /// <summary>A word as it follows another: with a space before it unless it is a punctuation mark.</summary>
    public static string Joined(string word) => WordText.IsPunctuation(word) ? word : " " + word;

    /// <summary>What each requirement is about, by index.</summary>
    public static IReadOnlyList<string> RequirementNames => AnswerPlan.RequirementNames;

    /// <inheritdoc/>
    public string Name => WorldName;

    /// <inheritdoc/>
    public int RequirementCount => AnswerPlan.RequirementCount;

    /// <inheritdoc/>
    public int MaxResponseTokens => 72;

    /// <inheritdoc/>
    public IReadOnlyList<WorldModels> Models { get; } = [.. Strengths.Select(ModelsOf)];

    /// <inheritdoc/>
    public IReadOnlyList<string> DraftErrors => WordDamage.Kinds;

    /// <summary>The folders of a policy of <see cref="Strengths"/>.</summary>
    public static WorldModels ModelsOf(double strength) => new(
        string.Create(CultureInfo.InvariantCulture, $"q = {strength:0.00}"),
        string.Create(CultureInfo.InvariantCulture, $"word-policy-{100 * strength:00}"),
        RewardFolder);

    /// <summary>Distinct prompts of the split that no training or tuning sees, up to 8,320.</summary>
    /// <inheritdoc/>
    public IReadOnlyList<WorldPrompt> HeldOutPrompts(int count, int seed) => WordPromptSplit.Prompts(WordPromptSplit.HeldOut, count, seed);

    /// <summary>Distinct prompts for choosing settings, disjoint from training and from the held-out split, up to 4,160.</summary>
    /// <inheritdoc/>
    public IReadOnlyList<WorldPrompt> TuningPrompts(int count, int seed) => WordPromptSplit.Prompts(WordPromptSplit.Tuning, count, seed);

    /// <inheritdoc/>
    public Assessment Assess(WorldPrompt prompt, string answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        string[] words = WordText.Split(answer);
        return new Assessment(
            AnswerReader.Requirements(prompt, words).Count(isMet => isMet),
            RequirementCount,
            WordText.Join(words) == answer && AnswerReader.IsGrammatical(words),
            AnswerReader.IsOnTopic(prompt, words));
    }

    /// <summary>Which requirements an answer meets, by index.</summary>
    /// <param name="prompt">The request.</param>
    /// <param name="answer">The answer's text, without special tokens.</param>
    public static IReadOnlyList<bool> Requirements(WorldPrompt prompt, string answer) =>
        AnswerReader.Requirements(prompt, WordText.Split(answer));

    /// <inheritdoc/>
    public string WorstAnswer(WorldPrompt prompt, int seed) => Answer(prompt, new bool[RequirementCount], new SeededRandom((ulong)seed));

    /// <inheritdoc/>
    public string DamagedAnswer(WorldPrompt prompt, string kind, int seed)
    {
        var random = new SeededRandom((ulong)seed);
        bool[] met = [.. Enumerable.Repeat(true, RequirementCount)];
        return WordDamage.Of(Answer(prompt, met, random), kind, answer => Assess(prompt, answer).AllGood, random);
    }

    /// <summary>A grammatical answer on the topic that meets the requirements as given and misses the others.</summary>
    /// <param name="prompt">The request.</param>
    /// <param name="met">Which requirements are met: <see cref="RequirementCount"/> values.</param>
    /// <param name="random">Draws the wording.</param>
    public static string Answer(WorldPrompt prompt, IReadOnlyList<bool> met, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (met.Count != AnswerPlan.RequirementCount)
        {
            throw new ArgumentException($"There are {AnswerPlan.RequirementCount} requirements, not {met.Count}.", nameof(met));
        }

        return WordText.Join(AnswerWriter.Write(prompt, met, random));
    }
}
