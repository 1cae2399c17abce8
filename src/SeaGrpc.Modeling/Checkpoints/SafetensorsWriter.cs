using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const long MaxElementsPerCopy = 1L << 26;

    /// <summary>Writes tensors in their own dtype (F32, F16 or BF16). The file is written completely or not at all.</summary>
    /// <remarks>Wider elements come first, so that every tensor starts at a multiple of its element size.</remarks>
    /// <param name="path">The file. An existing file is replaced.</param>
    /// <param name="tensors">Names and values. The values are not changed and still belong to the caller.</param>
    /// <param name="metadata">Free-form strings for <c>__metadata__</c>, or null.</param>
    /// <exception cref="ArgumentException">A name appears twice, or a tensor has another dtype.</exception>
    public static void Write(
        string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(tensor => tensor.Value.ElementSize).ToArray();
        var header = MakeHeader(ordered, metadata);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                Span<byte> prefix = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
                stream.Write(prefix);
                stream.Write(header);
                foreach (var (_, value) in ordered)
                {
                    WriteValue(stream, value);
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static byte[] MakeHeader(
        IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var names = new HashSet<string>(StringComparer.Ordinal);
            var begin = 0L;
            foreach (var (name, value) in tensors)
            {
                if (!names.Add(name))
                {
                    throw new ArgumentException($"The tensor name '{name}' appears twice.", nameof(tensors));
                }

                var end = begin + (value.NumberOfElements * value.ElementSize);
                WriteEntry(json, name, value, begin, end);
                begin = end;
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, Tensor value, long begin, long end)
    {
        var dtype = SafetensorsDtype.FromScalarType(value.dtype)
            ?? throw new ArgumentException(
                $"Tensor '{name}' is {value.dtype}; only Float32, Float16 and BFloat16 are written.", nameof(value));
        json.WriteStartObject(name);
        json.WriteString("dtype", dtype);
        json.WriteStartArray("shape");
        foreach (var size in value.shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValue(FileStream stream, Tensor value)
    {
        using var scope = NewDisposeScope();
        var flat = value.detach().cpu().contiguous().view(-1); // [elements]
        for (var first = 0L; first < flat.NumberOfElements; first += MaxElementsPerCopy)
        {
            using var piece = flat.narrow(0, first, Math.Min(MaxElementsPerCopy, flat.NumberOfElements - first));
            stream.Write(piece.bytes);
        }
    }
}
