using SeaGrpc.Alignment;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Every prompt with every seed.</summary>
internal static class AnswerTasks
{
    /// <summary>Seed of the choice of prompts; runs have seeds of their own.</summary>
    public const int PromptSeed = 2;

    private const ulong SeedStride = 1_000_003;

    /// <summary>The tasks of one method, prompt by prompt.</summary>
    public static IEnumerable<AnswerTask> Of(
        string method, MethodParameters parameters, IReadOnlyList<WorldPrompt> prompts, ulong firstSeed, int seeds) =>
        from prompt in prompts.Index()
        from seed in Enumerable.Range(0, seeds)
        select new AnswerTask(method, parameters, prompt.Item, prompt.Index, RunSeed(firstSeed + (ulong)seed, prompt.Index));

    /// <summary>The seed of a run: the same for every method.</summary>
    public static ulong RunSeed(ulong seed, int promptIndex) => seed * SeedStride + (ulong)promptIndex;
}
