using SeaGrpc.Alignment;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Modeling;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>A world with one of its trained pairs of models: what one table of results is about.</summary>
/// <param name="World">The world: prompts and judge.</param>
/// <param name="Models">The pair.</param>
public sealed record WorldPair(IEmbeddedWorld World, WorldModels Models)
{
    /// <summary>For the command line and for file names: the world's name, with the policy's strength where it has several.</summary>
    public string Name =>
        World.Models.Count == 1 ? World.Name : $"{World.Name}-{Models.Strength.Replace(" = ", "", StringComparison.Ordinal)}";

    /// <summary>For headings.</summary>
    public string Title => $"{World.Name}, {Models.Strength}";

    /// <summary>Every pair of a world, or of all of them.</summary>
    /// <param name="name">A world's name, or <c>all</c>.</param>
    /// <exception cref="ArgumentException">There is no such world; the message lists the names.</exception>
    public static IReadOnlyList<WorldPair> Of(string name) =>
        [.. (name == "all" ? EmbeddedWorlds.All : [EmbeddedWorlds.Find(name)])
            .SelectMany(world => world.Models.Select(models => new WorldPair(world, models)))];

    /// <summary>Whether the pair's folders are there.</summary>
    /// <param name="root">Folder that holds the models' folders.</param>
    public bool Exists(string root) =>
        Directory.Exists(Path.Combine(root, Models.PolicyFolder)) && Directory.Exists(Path.Combine(root, Models.RewardFolder));

    /// <summary>Loads the models in 32-bit floats on the CPU, so that figures do not depend on the machine's kind.</summary>
    /// <param name="root">Folder that holds the models' folders.</param>
    public AlignmentModels Load(string root) => AlignmentModels.Load(
        Path.Combine(root, Models.PolicyFolder), Path.Combine(root, Models.RewardFolder), new ModelLoadOptions("cpu", ModelDtype.Float32));
}
