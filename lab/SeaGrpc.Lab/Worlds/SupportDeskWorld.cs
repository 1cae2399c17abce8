namespace SeaGrpc.Lab.Worlds;

/// <summary>
/// The support desk (<see cref="SupportDesk"/>) as a world: its requirements are its slots, nearly independent of each other.
/// </summary>
public sealed class SupportDeskWorld : IEmbeddedWorld
{
    /// <summary>The world's name.</summary>
    public const string WorldName = "support-desk";

    /// <inheritdoc/>
    public string Name => WorldName;

    /// <inheritdoc/>
    public int RequirementCount => SupportDesk.SlotCount;

    /// <inheritdoc/>
    public int MaxResponseTokens => 96;

    /// <inheritdoc/>
    public IReadOnlyList<WorldModels> Models { get; } = [new WorldModels("q = 0.30", "tiny-policy", "tiny-reward")];

    /// <inheritdoc/>
    public IReadOnlyList<string> DraftErrors => WordDamage.Kinds;

    /// <inheritdoc/>
    public IReadOnlyList<WorldPrompt> HeldOutPrompts(int count, int seed) => SupportDesk.HeldOutPrompts(count, seed);

    /// <inheritdoc/>
    public IReadOnlyList<WorldPrompt> TuningPrompts(int count, int seed) => SupportDesk.TuningPrompts(count, seed);

    /// <inheritdoc/>
    public Assessment Assess(WorldPrompt prompt, string answer)
    {
        Judgement judgement = Judge.Assess(prompt, answer);
        return new Assessment(judgement.GoodSlots, SupportDesk.SlotCount, judgement.Grammatical, judgement.OnTopic);
    }

    /// <inheritdoc/>
    public string WorstAnswer(WorldPrompt prompt, int seed) =>
        SupportDesk.Answer(prompt, new bool[SupportDesk.SlotCount], new SeededRandom((ulong)seed));

    /// <inheritdoc/>
    public string DamagedAnswer(WorldPrompt prompt, string kind, int seed)
    {
        var random = new SeededRandom((ulong)seed);
        bool[] good = [.. Enumerable.Repeat(true, SupportDesk.SlotCount)];
        return WordDamage.Of(SupportDesk.Answer(prompt, good, random), kind, answer => Assess(prompt, answer).AllGood, random);
    }
}
