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

    /// <summary>The same from drafts with one error each, which is another one for every prompt and seed.</summary>
    /// <param name="method">The method's name in reports.</param>
    /// <param name="parameters">The parameters of a method that takes a draft.</param>
    /// <param name="world">The world.</param>
    /// <param name="kind">One of its <see cref="IEmbeddedWorld.DraftErrors"/>.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="firstSeed">The first seed.</param>
    /// <param name="seeds">Number of seeds.</param>
    /// <exception cref="ArgumentException">The method takes no draft.</exception>
    public static IEnumerable<AnswerTask> FromDrafts(
        string method, MethodParameters parameters, IEmbeddedWorld world, string kind, IReadOnlyList<WorldPrompt> prompts, ulong firstSeed,
        int seeds)
    {
        if (parameters is not DraftedParameters drafted)
        {
            throw new ArgumentException($"{method} takes no draft.", nameof(parameters));
        }

        // As the server does where a request brings a draft.
        DraftedParameters bounded = drafted.MaxFluencyLoss < DraftedParameters.NoLimit
            ? drafted
            : drafted with { MaxFluencyLoss = DraftedParameters.LossFromCallersDraft };
        return Of(DraftName(method, kind), bounded, prompts, firstSeed, seeds)
            .Select(task => task with { Draft = world.DamagedAnswer(task.Prompt, kind, (int)(task.Seed % int.MaxValue)) });
    }

    /// <summary>How reports name a method that starts from drafts with an error.</summary>
    public static string DraftName(string method, string kind) => $"{method} from {kind}";

    /// <summary>The seed of a run: the same for every method.</summary>
    public static ulong RunSeed(ulong seed, int promptIndex) => seed * SeedStride + (ulong)promptIndex;
}
