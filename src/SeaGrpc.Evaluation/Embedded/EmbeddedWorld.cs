using SeaGrpc.Modeling;
using SeaGrpc.Alignment;

namespace SeaGrpc.Evaluation.Embedded;

/// <summary>What evaluation knows of a world: where its models lie, its prompts, and how answers are judged.</summary>
public sealed record EmbeddedWorld
{
    /// <summary>For the command line and for file names.</summary>
    public required string Name { get; init; }

    /// <summary>The policy's folder below the models' root.</summary>
    public required string PolicyFolder { get; init; }

    /// <summary>The reward model's folder below the models' root.</summary>
    public required string RewardFolder { get; init; }

    /// <summary>Longest answer in tokens, EOS included.</summary>
    public required int MaxResponseTokens { get; init; }

    /// <summary>Distinct prompts that neither training nor tuning sees: (count, seed).</summary>
    public required Func<int, int, IReadOnlyList<JudgedPrompt>> HeldOut { get; init; }

    /// <summary>Distinct prompts for choosing settings, disjoint from the held-out ones: (count, seed).</summary>
    public required Func<int, int, IReadOnlyList<JudgedPrompt>> Tuning { get; init; }

    /// <summary>Loads the world's models in 32-bit floats on the CPU, so that figures do not depend on the machine's kind.</summary>
    /// <param name="root">Folder that holds the models' folders.</param>
    public AlignmentModels Load(string root)
    {
        var options = new ModelLoadOptions("cpu", ModelDtype.Float32);
        return new AlignmentModels(
            PolicyModel.Load(Path.Combine(root, PolicyFolder), options), RewardModel.Load(Path.Combine(root, RewardFolder), options));
    }
}
