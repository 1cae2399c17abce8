namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>The weight files of a checkpoint folder.</summary>
/// <param name="Paths">The files, in the order of their names.</param>
/// <param name="Index">What the index says, where there are shards.</param>
internal sealed record WeightFiles(IReadOnlyList<string> Paths, ShardIndex? Index)
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

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

        throw new CheckpointException(folder, OtherWeights.Describe(folder) ?? $"the folder has neither {SingleName} nor {IndexName}; add the weights.");
    }
}
