namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>
/// Suggests what to specify instead of a folder that is not a checkpoint: it may be a model id of the Hub, or part of Hugging Face's cache.
/// </summary>
internal static class FolderHints
{
    /// <summary>For a path without a folder: what it looks like and what to do, or null.</summary>
    internal static string? OfMissing(string path)
    {
        if (path.StartsWith("~/", StringComparison.Ordinal))
        {
            return "'~' is not replaced by your home folder here; write the whole path.";
        }

        if (!HubCache.IsId(path))
        {
            return null;
        }

        string? cached = HubCache.Snapshot(HubCache.ModelFolder(HubCache.Folder, path));
        return $"'{path}' looks like a model's id on the Hugging Face Hub, and nothing is downloaded from there: "
            + (cached is null
                ? $"download it first (seagrpc pull {path}, or hf download {path}) and name the folder that this prints."
                : $"it is in the cache of this machine, so name the folder {cached}.");
    }

    /// <summary>For a file: which folder to specify.</summary>
    internal static string OfFile(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return File.Exists(Path.Combine(folder, "config.json"))
            ? $"this is a file, not a folder; name the folder that contains it: {folder}."
            : path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
                ? "this is a file, not a folder: a GGUF file for llama.cpp, which is not supported; name the folder of the safetensors "
                    + "checkpoint that it was made from."
            : "this is a file, not a folder; name a Hugging Face checkpoint folder (config.json, tokenizer.json, safetensors). GGUF "
                + "and other single files are not supported.";
    }

    /// <summary>For a folder without config.json in which nothing is recognised.</summary>
    internal static string WithoutConfig(string folder) => Directory.EnumerateFileSystemEntries(folder).Any()
        ? "the file is missing; add it from where the model came from, or name the folder that has it beside the weights and the tokenizer."
        : $"the file is missing because the folder is empty; download a model into it (hf download ORG/NAME --local-dir {folder}), or name "
            + "the folder that has one.";

    /// <summary>For a folder without config.json: which of its subfolders to specify, or null.</summary>
    internal static string? OfFolder(string folder)
    {
        if (HubCache.Snapshot(folder) is { } snapshot)
        {
            return $"this is a model's folder in Hugging Face's cache; name the snapshot in it: {snapshot}.";
        }

        // HF_HOME itself, or its hub folder.
        string[] models = [.. new[] { folder, Path.Combine(folder, "hub") }.Where(Directory.Exists)
            .SelectMany(HubCache.Models).Order(StringComparer.Ordinal)];
        if (models.Length > 0)
        {
            return $"this is Hugging Face's cache of {models.Length} models; name a snapshot in it: "
                + $"{HubCache.Snapshot(models[0]) ?? HubCache.SnapshotFolder(models[0], "COMMIT")}.";
        }

        string[] inside =
        [
            .. Directory
                .EnumerateDirectories(folder)
                .Where(inner => File.Exists(Path.Combine(inner, "config.json")))
                .Order(StringComparer.Ordinal)
                .Take(2),
        ];
        return inside.Length > 0
            ? $"config.json is missing here, but there is one in {string.Join(" and in ", inside)}; name that folder."
            : null;
    }
}
