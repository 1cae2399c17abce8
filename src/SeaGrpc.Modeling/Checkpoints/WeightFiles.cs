namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>The weight files of a checkpoint folder.</summary>
/// <param name="Paths">The files, in the order of their names.</param>
/// <param name="Index">What the index says, where there are shards.</param>
internal sealed record WeightFiles(IReadOnlyList<string> Paths, ShardIndex? Index)
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

    private static readonly string[] PickledNames = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

    internal static WeightFiles Find(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CheckpointException(folder, "there is no such folder; name a Hugging Face checkpoint folder.");
        }

        var single = Path.Combine(folder, SingleName);
        if (File.Exists(single))
        {
            return new WeightFiles([single], null);
        }

        var indexPath = Path.Combine(folder, IndexName);
        if (File.Exists(indexPath))
        {
            var index = ShardIndex.Load(indexPath);
            return new WeightFiles(index.ShardPaths(), index);
        }

        var pickled = PickledNames.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
        throw new CheckpointException(
            folder,
            pickled is null
                ? $"the folder has neither {SingleName} nor {IndexName}; add the weights."
                : $"the weights are pickled ({pickled}), which can run code and is not read; "
                    + $"convert them to {SingleName} (save_pretrained with safe_serialization).");
    }
}
