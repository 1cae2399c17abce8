using SeaGrpc.Alignment;
using SeaGrpc.Bench.Synthetic;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench;

/// <summary>Synthetic models by their names on the command line.</summary>
internal static class BenchShapes
{
    /// <summary>Names and shapes, from small to large.</summary>
    public static IReadOnlyDictionary<string, SyntheticShape> ByName { get; } = new Dictionary<string, SyntheticShape>
    {
        ["tiny"] = SyntheticShape.Embedded,
        ["160m"] = SyntheticShape.Llama160M,
        ["wide"] = SyntheticShape.Small with { Vocabulary = SyntheticShape.Llama1B.Vocabulary },
        ["1b-slice"] = SyntheticShape.Llama1BSlice,
        ["1b"] = SyntheticShape.Llama1B,
    };

    /// <summary>Writes a policy and a reward model of random weights.</summary>
    /// <param name="folder">Where the folders policy and reward go.</param>
    /// <param name="shape">Their shape.</param>
    public static void Write(string folder, SyntheticShape shape) => SyntheticCheckpoint.Write(folder, shape, Tokenizer, seed: 1);

    /// <summary>Writes a reward model that has some lowest layers in common with the policy.</summary>
    /// <param name="folder">Where the policy's folder is.</param>
    /// <param name="name">Name of its folder.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="shared">Number of these layers.</param>
    public static void WriteReward(string folder, string name, SyntheticShape shape, int shared) =>
        SyntheticCheckpoint.WriteReward(folder, name, shape, Tokenizer, shared, seed: 3);

    private static string Tokenizer => Path.Combine(AppContext.BaseDirectory, "models", "tiny-policy");

    /// <summary>Loads both, each with weights of its own.</summary>
    public static AlignmentModels Load(string folder, ModelLoadOptions options) => AlignmentModels.Load(
        () => PolicyModel.Load(Path.Combine(folder, "policy"), options), () => RewardModel.Load(Path.Combine(folder, "reward"), options));
}
