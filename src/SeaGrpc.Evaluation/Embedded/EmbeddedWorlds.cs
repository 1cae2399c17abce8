using SeaGrpc.Worlds;

namespace SeaGrpc.Evaluation.Embedded;

/// <summary>The worlds whose models the project makes.</summary>
public static class EmbeddedWorlds
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<EmbeddedWorld> All { get; } = [SupportDeskWorld()];

    private static EmbeddedWorld SupportDeskWorld() => new()
    {
        Name = "support-desk",
        PolicyFolder = "tiny-policy",
        RewardFolder = "tiny-reward",
        MaxResponseTokens = 96,
        HeldOut = (count, seed) => [.. SupportDesk.HeldOutPrompts(count, seed).Select(Judged)],
        Tuning = (count, seed) => [.. SupportDesk.TuningPrompts(count, seed).Select(Judged)],
    };

    private static JudgedPrompt Judged(WorldPrompt prompt) => new(
        prompt.Text,
        answer =>
        {
            Judgement judgement = Judge.Assess(prompt, answer);
            return new Verdict(judgement.GoodSlots, SupportDesk.SlotCount, judgement.Grammatical, judgement.OnTopic);
        },
        null);
}
