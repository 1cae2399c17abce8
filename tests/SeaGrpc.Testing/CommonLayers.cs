using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using static TorchSharp.torch;

namespace SeaGrpc.Testing;

/// <summary>A policy and a reward model of three layers each, of which the lowest are the same.</summary>
public static class CommonLayers
{
    /// <summary>Number of layers of each.</summary>
    public const int All = 3;

    private static readonly ModelLoadOptions Options = new("cpu", ModelDtype.Float32);
    private static readonly TinyShape Shape = new(Layers: All);

    /// <summary>The pair, with what both have in common.</summary>
    public static AlignmentModels Load(TemporaryFolder folder) =>
        AlignmentModels.Load(folder.File("policy"), folder.File("reward"), Options);

    /// <summary>The same with the reward model as several rewards.</summary>
    public static AlignmentModels LoadSeveral(TemporaryFolder folder, bool areSeparate, params string[] names) => AlignmentModels.Load(
        () => PolicyModel.Load(folder.File("policy"), Options),
        policy =>
        [
            .. names.Select(name => ModelRewards.Load(
                () => RewardModel.Load(folder.File("reward"), Options, beside: areSeparate ? null : policy), policy, name)),
        ]);

    /// <summary>The same as two models.</summary>
    public static AlignmentModels LoadSeparate(TemporaryFolder folder) => AlignmentModels.Load(
        () => PolicyModel.Load(folder.File("policy"), Options), () => RewardModel.Load(folder.File("reward"), Options));

    /// <summary>Writes a pair whose embeddings and lowest layers are the same; nothing is if there are no such layers.</summary>
    public static void Write(TemporaryFolder folder, int layers)
    {
        TinyCheckpoint.WritePolicy(folder.File("policy"), seed: 3, Shape);
        TinyCheckpoint.WriteReward(folder.File("reward"), seed: 4, Shape);
        using var scope = NewDisposeScope();
        Rewrite(folder, "policy", (_, own) => own);
        using SafetensorsFile policy = SafetensorsFile.Open(folder.File("policy/model.safetensors"));
        Rewrite(folder, "reward", (name, own) => IsCommon(name, layers) ? policy.Read(name, ScalarType.Float32, CPU) : own);
    }

    // The final norm is no longer one everywhere, and differs between the models.
    private static void Rewrite(TemporaryFolder folder, string role, Func<string, Tensor, Tensor> change)
    {
        string path = folder.File(role + "/model.safetensors");
        (string Name, Tensor Value)[] weights;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            weights = [.. file.Entries.Keys.Select(name => (name, change(name, file.Read(name, ScalarType.Float32, CPU))))];
        }

        Tensor norm = weights.Single(weight => weight.Name == "model.norm.weight").Value;
        norm.copy_(linspace(role == "policy" ? 0.3 : 2, 1, norm.numel()));
        SafetensorsWriter.Write(path, weights, new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static bool IsCommon(string name, int layers) => layers > 0 && (name == "model.embed_tokens.weight"
        || Enumerable.Range(0, layers).Any(layer => name.StartsWith($"model.layers.{layer}.", StringComparison.Ordinal)));
}
