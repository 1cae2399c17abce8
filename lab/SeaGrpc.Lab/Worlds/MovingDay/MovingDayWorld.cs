namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>
/// The world "moving day": answers of two to six sentences. The request decides which sentences are due, how often and in what order, and
/// every sentence repeats a fact of the request.
/// </summary>
/// <remarks>docs/embedded-world.md describes it.</remarks>
public sealed class MovingDayWorld : IEmbeddedWorld
{
    /// <summary>The world's name.</summary>
    public const string WorldName = "moving-day";

    /// <summary>The policy's folder.</summary>
    public const string PolicyFolder = "moving-policy";

    /// <summary>The reward model's folder.</summary>
    public const string RewardFolder = "moving-reward";

    /// <summary>How often the policy's corpus means to name the right fact.</summary>
    public const double Strength = 0.7;

    /// <inheritdoc/>
    public string Name => WorldName;

    /// <inheritdoc/>
    public int RequirementCount => Enum.GetValues<FactKind>().Length;

    /// <inheritdoc/>
    public int MaxResponseTokens => 72;

    /// <inheritdoc/>
    public IReadOnlyList<WorldModels> Models { get; } = [new WorldModels("q = 0.70", PolicyFolder, RewardFolder)];

    /// <inheritdoc/>
    public IReadOnlyList<string> DraftErrors { get; } = Enum.GetNames<MovingError>();

    /// <summary>Distinct prompts of the split that no training or tuning sees, up to 537.</summary>
    /// <inheritdoc/>
    public IReadOnlyList<WorldPrompt> HeldOutPrompts(int count, int seed) => MovingSplit.Prompts(MovingSplit.HeldOut, count, seed);

    /// <summary>Distinct prompts for choosing settings, disjoint from training and from the held-out split, up to 268.</summary>
    /// <inheritdoc/>
    public IReadOnlyList<WorldPrompt> TuningPrompts(int count, int seed) => MovingSplit.Prompts(MovingSplit.Tuning, count, seed);

    /// <inheritdoc/>
    public Assessment Assess(WorldPrompt prompt, string answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        string[] words = WordText.Split(answer);
        return new Assessment(
            MovingReader.Requirements(MovingSlip.Of(prompt.Text), words).Count(isMet => isMet),
            RequirementCount,
            WordText.Join(words) == answer.Trim() && MovingReader.IsGrammatical(words),
            MovingReader.KnowsAll(words));
    }

    /// <summary>
    /// A grammatical answer whose facts are all wrong: others of their kind, no sentence about the gate or the price where one is due, and
    /// one where none is.
    /// </summary>
    /// <inheritdoc/>
    public string WorstAnswer(WorldPrompt prompt, int seed)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var random = new SeededRandom((ulong)seed);
        MovingSlip slip = MovingSlip.Of(prompt.Text);
        List<string> facts = [];
        foreach (FactKind kind in Enum.GetValues<FactKind>())
        {
            int count = kind is FactKind.Gate or FactKind.Price ? 1 - slip.Of(kind).Count : slip.Of(kind).Count;
            facts.AddRange(Enumerable.Range(0, count).Select(_ => MovingWriter.Other(slip, kind, random)));
        }

        return MovingWriter.Text(MovingWriter.Write(facts, random));
    }

    /// <summary>An answer with nothing wrong.</summary>
    /// <param name="prompt">A prompt of this world.</param>
    /// <param name="seed">Seed of the wording.</param>
    public static string RightAnswer(WorldPrompt prompt, int seed)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return MovingWriter.Text(MovingWriter.Write(MovingSlip.Of(prompt.Text).Facts, new SeededRandom((ulong)seed)));
    }

    /// <inheritdoc/>
    public string DamagedAnswer(WorldPrompt prompt, string kind, int seed)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var random = new SeededRandom((ulong)seed);
        MovingSlip slip = MovingSlip.Of(prompt.Text);
        List<string[]> right = MovingWriter.Write(slip.Facts, random);
        return WordText.Join(MovingDamage.Of(slip, right, Enum.Parse<MovingError>(kind), random));
    }
}
