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
    public static void Write(string folder, SyntheticShape shape) =>
        SyntheticCheckpoint.Write(folder, shape, Path.Combine(AppContext.BaseDirectory, "models", "tiny-policy"), seed: 1);

    /// <summary>Loads both.</summary>
    public static AlignmentModels Load(string folder, ModelLoadOptions options) =>
        AlignmentModels.Load(Path.Combine(folder, "policy"), Path.Combine(folder, "reward"), options);
}
