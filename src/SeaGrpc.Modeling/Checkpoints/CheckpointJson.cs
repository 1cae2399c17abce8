using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Reads a checkpoint's JSON files. Errors name the file.</summary>
internal static class CheckpointJson
{
    /// <summary>Maximum size of tokenizer.json in bytes. Files for vocabularies of 260,000 tokens have 35 MB.</summary>
    private const int LongestTokenizer = 64 << 20;

    private const int Longest = 16 << 20;

    /// <summary>The file's root, which must be an object.</summary>
    /// <exception cref="CheckpointException">The file is missing, not a regular file or too long, or contains no JSON object.</exception>
    internal static JsonDocument Parse(string path)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(Read(path));
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, $"the file is not valid JSON: {e.Message}", e);
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            using (document)
            {
                throw new CheckpointException(path, $"the file holds a JSON {document.RootElement.ValueKind}, not an object.");
            }
        }

        return document;
    }

    /// <summary>The file's root, or null if there is no such file.</summary>
    internal static JsonDocument? ParseIfPresent(string path) => File.Exists(path) ? Parse(path) : null;

    private static ReadOnlyMemory<byte> Read(string path)
    {
        var bytes = CheckpointFile.Read(path, Path.GetFileName(path) == "tokenizer.json" ? LongestTokenizer : Longest);
        if (bytes.Length == 0)
        {
            throw new CheckpointException(path, "the file is not valid JSON: it is empty, or is a pipe or a device.");
        }

        return bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsMemory(3) : bytes;
    }
}
