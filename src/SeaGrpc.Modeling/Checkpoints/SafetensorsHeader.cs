using System.Text;
using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>A parsed and wholly checked safetensors header.</summary>
/// <remarks>
/// The format: 8 bytes of little-endian header length, that many bytes of JSON, then the buffer, which the tensors fill
/// without overlap or hole. Source: the format section of github.com/huggingface/safetensors.
/// </remarks>
/// <param name="Entries">The tensors by name.</param>
/// <param name="Metadata">The file's free-form strings.</param>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, SafetensorsEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Longest header in bytes that the format allows.</summary>
    internal const int MaxLength = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Parses the header and checks every tensor against the size of the buffer that follows it.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="bufferLength">Bytes in the file after the header.</param>
    internal static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long bufferLength)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(json);
        }
        catch (DecoderFallbackException e)
        {
            throw new CheckpointException(path, "the header is not valid UTF-8; write or download the file again.", e);
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException(
                    path,
                    $"the header is a JSON {document.RootElement.ValueKind}, not an object; write the file again.");
            }

            return Parse(path, document.RootElement, bufferLength);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(path, $"the header is not valid JSON ({e.Message}); write or download the file again.", e);
        }
    }

    private static SafetensorsHeader Parse(string path, JsonElement root, long bufferLength)
    {
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            var name = property.Name;
            if (!names.Add(name))
            {
                throw new CheckpointException(path, $"the name '{name}' stands twice in the header; give every tensor its own name.");
            }

            if (name == MetadataKey)
            {
                ReadMetadata(path, property.Value, metadata);
            }
            else
            {
                entries.Add(name, SafetensorsEntryParser.Parse(path, name, property.Value));
            }
        }

        SafetensorsLayout.Check(path, entries, bufferLength);
        return new SafetensorsHeader(entries, metadata);
    }

    private static void ReadMetadata(string path, JsonElement value, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(path, $"{MetadataKey} is not an object of strings; write the file again.");
        }

        foreach (var item in value.EnumerateObject())
        {
            if (item.Value.ValueKind != JsonValueKind.String)
            {
                throw new CheckpointException(path, $"{MetadataKey}: the value of '{item.Name}' is not a string; write the file again.");
            }

            if (!metadata.TryAdd(item.Name, item.Value.GetString()!))
            {
                throw new CheckpointException(path, $"{MetadataKey}: '{item.Name}' stands twice; write the file again.");
            }
        }
    }
}
