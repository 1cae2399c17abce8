using System.Text.Json;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Reads the entry of one tensor in a safetensors header and checks it by itself: dtype, shape, offsets, byte count.</summary>
internal static class SafetensorsEntryParser
{
    /// <summary>Maximum number of dimensions.</summary>
    private const int MaxDimensions = 64;

    internal static SafetensorsEntry Parse(string path, string name, SafetensorsHeaderTokens tokens)
    {
        if (tokens.Type != JsonTokenType.StartObject)
        {
            throw Fault(path, name, "its entry in the header's JSON is not an object with dtype, shape and data_offsets");
        }

        string? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (tokens.Next() && tokens.Type == JsonTokenType.PropertyName)
        {
            var repeated = false;
            var key = tokens.Text;
            tokens.Next();
            switch (key)
            {
                case "dtype":
                    repeated = dtype is not null;
                    dtype = tokens.Type == JsonTokenType.String
                        ? tokens.Text
                        : throw Fault(path, name, "dtype is not a string");
                    break;
                case "shape":
                    repeated = shape is not null;
                    shape = ReadSizes(path, name, key, tokens);
                    break;
                case "data_offsets":
                    repeated = offsets is not null;
                    offsets = ReadSizes(path, name, key, tokens);
                    break;
                default:
                    throw Fault(path, name, $"its entry has the unknown key '{key}'");
            }

            if (repeated)
            {
                throw Fault(path, name, $"{key} appears twice in its entry");
            }
        }

        if (dtype is null || shape is null || offsets is null)
        {
            var missing = dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets";
            throw Fault(path, name, $"{missing} is missing from its entry");
        }

        if (!SafetensorsDtype.TryGetBits(dtype, out var bits))
        {
            throw Fault(path, name, $"dtype '{dtype}' is unknown; weights are read from F32, F16 and BF16");
        }

        if (offsets.Length != 2)
        {
            throw Fault(path, name, $"data_offsets has {offsets.Length} numbers instead of [begin, end]");
        }

        if (offsets[0] > offsets[1])
        {
            throw Fault(path, name, $"data_offsets begin at {offsets[0]}, after their end at {offsets[1]}");
        }

        CheckByteCount(path, name, dtype, bits, shape, offsets[1] - offsets[0]);
        return new SafetensorsEntry(dtype, shape, offsets[0], offsets[1]);
    }

    private static void CheckByteCount(string path, string name, string dtype, int bits, long[] shape, long actual)
    {
        var sizes = string.Join(", ", shape);
        var count = Int128.One;
        foreach (var size in shape)
        {
            // Sizes are below 2^63, so the product of two always fits into 128 bits.
            count *= size;
            if (count * bits > long.MaxValue)
            {
                throw Fault(path, name, $"shape [{sizes}] overflows: it has more bytes than any file can hold");
            }
        }

        var expectedBits = (long)(count * bits);
        if (expectedBits % 8 != 0)
        {
            throw Fault(path, name, $"shape [{sizes}] of {dtype} does not end on a whole byte");
        }

        if (expectedBits / 8 != actual)
        {
            throw Fault(path, name, $"shape [{sizes}] of {dtype} needs {expectedBits / 8} bytes, but data_offsets span {actual}");
        }
    }

    private static long[] ReadSizes(string path, string name, string key, SafetensorsHeaderTokens tokens)
    {
        if (tokens.Type != JsonTokenType.StartArray)
        {
            throw Fault(path, name, $"{key} is not a list of whole numbers");
        }

        var sizes = new List<long>();
        while (tokens.Next() && tokens.Type != JsonTokenType.EndArray)
        {
            if (tokens.Whole is not { } size)
            {
                throw Fault(path, name, $"{key} has {tokens.Text}, which is not a whole number of 64 bits");
            }

            if (size < 0)
            {
                throw Fault(path, name, $"{key} has the negative number {size}");
            }

            sizes.Add(size);
            if (sizes.Count > MaxDimensions)
            {
                throw Fault(path, name, $"{key} has more than {MaxDimensions} numbers");
            }
        }

        return [.. sizes];
    }

    private static CheckpointException Fault(string path, string name, string problem) =>
        new(path, $"tensor '{name}': {problem}. Write or download the file again.");
}
