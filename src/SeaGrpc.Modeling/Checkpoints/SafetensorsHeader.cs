using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>A parsed and fully validated safetensors header.</summary>
/// <remarks>
/// The format is: 8 bytes of little-endian header length, that many bytes of JSON, then the buffer, which the tensors fill without overlap
/// or gap. Source: the format section of github.com/huggingface/safetensors.
/// </remarks>
/// <param name="Entries">The tensors by name.</param>
/// <param name="Metadata">The file's free-form strings.</param>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, SafetensorsEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Maximum header length in bytes that the format allows.</summary>
    internal const int MaxLength = 100_000_000;

    /// <summary>Maximum number of tensors in one file. Files of the largest models have a few thousand.</summary>
    internal const int MaxTensors = 100_000;

    private const int MaxMetadataEntries = 10_000;
    private const int MaxMetadataCharacters = 1 << 24;
    private const string MetadataKey = "__metadata__";

    /// <summary>Parses the header and checks every tensor against the size of the buffer after it.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="tokens">The header.</param>
    /// <param name="bufferLength">Bytes in the file after the header.</param>
    internal static SafetensorsHeader Parse(string path, SafetensorsHeaderTokens tokens, long bufferLength)
    {
        if (tokens.Next() && tokens.Type != JsonTokenType.StartObject)
        {
            throw new CheckpointException(path, $"the header is a JSON {tokens.Type}, not an object; write the file again.");
        }

        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var hasMetadata = false;
        while (tokens.Next() && tokens.Type == JsonTokenType.PropertyName)
        {
            var name = tokens.Text;
            tokens.Next();
            if (entries.ContainsKey(name) || (name == MetadataKey && hasMetadata))
            {
                throw new CheckpointException(path, $"the name '{name}' appears twice in the header; give every tensor its own name.");
            }

            if (name == MetadataKey)
            {
                hasMetadata = true;
                ReadMetadata(path, tokens, metadata);
                continue;
            }

            entries.Add(name, SafetensorsEntryParser.Parse(path, name, tokens));
            if (entries.Count > MaxTensors)
            {
                throw new CheckpointException(path, $"the header has more than {MaxTensors} tensors; write them to several files.");
            }
        }

        // Only blanks may follow the object.
        while (tokens.Next())
        {
        }

        SafetensorsLayout.Check(path, entries, bufferLength);
        return new SafetensorsHeader(entries, metadata);
    }

    private static void ReadMetadata(string path, SafetensorsHeaderTokens tokens, Dictionary<string, string> metadata)
    {
        if (tokens.Type != JsonTokenType.StartObject)
        {
            throw new CheckpointException(path, $"{MetadataKey} is not an object of strings; write the file again.");
        }

        var characters = 0;
        while (tokens.Next() && tokens.Type == JsonTokenType.PropertyName)
        {
            var key = tokens.Text;
            tokens.Next();
            if (tokens.Type != JsonTokenType.String)
            {
                throw new CheckpointException(path, $"{MetadataKey}: the value of '{key}' is not a string; write the file again.");
            }

            if (!metadata.TryAdd(key, tokens.Text))
            {
                throw new CheckpointException(path, $"{MetadataKey}: '{key}' appears twice; write the file again.");
            }

            characters += key.Length + tokens.Text.Length;
            if (metadata.Count > MaxMetadataEntries || characters > MaxMetadataCharacters)
            {
                throw new CheckpointException(
                    path,
                    $"{MetadataKey} has more than {MaxMetadataEntries} entries or {MaxMetadataCharacters} characters; "
                        + "write the file again with less.");
            }
        }
    }
}
