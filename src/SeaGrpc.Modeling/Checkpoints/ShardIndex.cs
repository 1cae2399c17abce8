using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>model.safetensors.index.json, which assigns tensors to shards.</summary>
internal sealed class ShardIndex
{
    private readonly string _path;
    private readonly Dictionary<string, string> _shardOf = new(StringComparer.Ordinal);

    private ShardIndex(string path)
    {
        _path = path;
    }

    internal static ShardIndex Load(string path)
    {
        using var document = CheckpointJson.Parse(path);
        if (!document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(path, "weight_map is missing or is not an object; it must map tensor names to file names.");
        }

        var index = new ShardIndex(path);
        foreach (var item in map.EnumerateObject())
        {
            var shard = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : "";
            if (shard.Length == 0 || shard is "." or ".." || shard.AsSpan().ContainsAny('/', '\\', '\0'))
            {
                throw new CheckpointException(
                    path,
                    $"weight_map: tensor '{item.Name}' is assigned to {item.Value.GetRawText()}, "
                    + "which is not a plain file name in the folder.");
            }

            if (!index._shardOf.TryAdd(item.Name, shard))
            {
                throw new CheckpointException(path, $"weight_map: tensor '{item.Name}' appears twice.");
            }
        }

        return index._shardOf.Count > 0 ? index : throw new CheckpointException(path, "weight_map is empty; the folder has no weights.");
    }

    /// <summary>The shards, sorted by name. All of them exist.</summary>
    internal IReadOnlyList<string> ShardPaths()
    {
        var folder = Path.GetDirectoryName(_path)!;
        var paths = _shardOf.Values.Distinct().Order(StringComparer.Ordinal).Select(name => Path.Combine(folder, name)).ToArray();
        var missing = paths.Where(path => !File.Exists(path)).Select(Path.GetFileName).ToArray();
        return missing.Length == 0
            ? paths
            : throw new CheckpointException(
                _path,
                $"{missing.Length} of {paths.Length} shards are missing: {string.Join(", ", missing)}. "
                + "Download them into the same folder.");
    }

    /// <summary>Checks that every tensor is in the shard that the index names, and in no other.</summary>
    internal void Check(IReadOnlyList<SafetensorsFile> shards)
    {
        var byName = shards.ToDictionary(shard => Path.GetFileName(shard.Path), StringComparer.Ordinal);
        foreach (var (tensor, shard) in _shardOf)
        {
            if (!byName[shard].Entries.ContainsKey(tensor))
            {
                throw new CheckpointException(
                    _path,
                    $"weight_map assigns tensor '{tensor}' to {shard}, which does not hold it; "
                    + "the index and the shards do not belong together.");
            }
        }

        foreach (var (file, shard) in byName)
        {
            foreach (var tensor in shard.Entries.Keys)
            {
                if (!_shardOf.TryGetValue(tensor, out var assigned) || assigned != file)
                {
                    throw new CheckpointException(
                        shard.Path,
                        $"tensor '{tensor}' is in this shard, but the index "
                        + $"{(assigned is null ? "does not list it" : $"assigns it to {assigned}")}; "
                        + "the index and the shards do not belong together.");
                }
            }
        }
    }
}
