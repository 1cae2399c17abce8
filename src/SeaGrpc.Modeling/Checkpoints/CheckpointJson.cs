using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Reads a checkpoint's JSON files with errors that name the file.</summary>
internal static class CheckpointJson
{
    /// <summary>The file's root, which is an object.</summary>
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

    /// <summary>The file's root, or null where there is no such file.</summary>
    internal static JsonDocument? ParseIfPresent(string path) => File.Exists(path) ? Parse(path) : null;

    private static byte[] Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "the file is missing; add it to the checkpoint folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the file cannot be read ({e.Message}).", e);
        }
    }
}
