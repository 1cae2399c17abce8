using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>Tasks for the tiny models, and runs driven to their ends.</summary>
internal static class Runs
{
    /// <summary>A reward template whose suffix has text before its EOS, as a chat template may.</summary>
    public static readonly EncodedPrompt Prompt = new(
        [TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant],
        [new RewardPrompt([TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos, 33])]);

    public static AlignmentTask Task(MethodParameters method, ulong seed = 7, int maxTokens = 12) =>
        new() { Prompt = Prompt, Method = method, Seed = seed, MaxResponseTokens = maxTokens };

    /// <summary>Makes the policy likelier to end: its EOS logit rises with the square of what the other tokens' norms are.</summary>
    public static AlignmentModels LoadWithEos(ulong seed = 3)
    {
        AlignmentModels models = TinyModels.Load(seed);
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var noGrad = TorchSharp.torch.no_grad();
        models.Policy.Decoder.EmbeddingWeight[TinyCheckpoint.Eos].MultiplyInPlace(2);
        return models;
    }

    public static (List<AlignmentUpdate> Updates, AlignmentOutcome Outcome) Run(AlignmentModels models, AlignmentTask task)
    {
        using IAlignmentRun run = models.Start(task);
        List<AlignmentUpdate> updates = [];
        while (!run.IsFinished)
        {
            if (run.Advance() is { } update)
            {
                updates.Add(update);
            }
        }

        return (updates, run.Complete(run.FinishReason));
    }
}
