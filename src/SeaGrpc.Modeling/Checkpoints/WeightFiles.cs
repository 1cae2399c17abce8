namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>The weight files of a checkpoint folder.</summary>
/// <param name="Paths">The files, sorted by name.</param>
/// <param name="Index">The index, if the weights are in shards.</param>
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

        throw new CheckpointException(
            folder, OtherWeights.Describe(folder)
                ?? Misnamed(folder)
                ?? $"the folder has neither {SingleName} nor {IndexName}; add the weights.");
    }

    private static string? Misnamed(string folder)
    {
        string[] files =
            [.. Directory.EnumerateFiles(folder, "*.safetensors").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        return files switch
        {
            [] => null,
            ["consolidated.safetensors", ..] =>
                $"the weights are in consolidated.safetensors, with tensor names that are not supported; add {SingleName}, "
                    + $"or {IndexName} and its shards, from the same page.",
            [var only] =>
                $"the weights are in {only}, but must be named {SingleName}; rename the file if it is the whole model, or add {IndexName} "
                    + "and the other shards.",
            _ =>
                $"the folder has {files.Length} safetensors files ({files[0]} first), but {IndexName}, which says what is "
                    + "in which, is missing; add it.",
        };
    }
}
