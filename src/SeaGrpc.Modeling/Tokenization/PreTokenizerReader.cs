using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Reads tokenizer.json's pre_tokenizer: ByteLevel, or a Sequence of Split by patterns that ends with ByteLevel.</summary>
internal sealed class PreTokenizerReader(string path)
{
    internal PreTokenizer Read(JsonElement part)
    {
        JsonElement[] parts = Text(part, "type") == "Sequence" ? [.. part.GetProperty("pretokenizers").EnumerateArray()] : [part];
        var steps = new List<RegexSplitter?>();
        for (var i = 0; i < parts.Length; i++)
        {
            var type = Text(parts[i], "type");
            switch (type)
            {
                case "Split":
                    steps.Add(ReadSplit(parts[i]));
                    break;
                case "ByteLevel" when i == parts.Length - 1:
                    AddByteLevel(parts[i], steps);
                    return new PreTokenizer(steps);
                default:
                    throw Fault($"pre_tokenizer '{type}' is not supported here");
            }
        }

        throw Fault("pre_tokenizer does not end with ByteLevel");
    }

    private static void AddByteLevel(JsonElement part, List<RegexSplitter?> steps)
    {
        if (Flag(part, "add_prefix_space"))
        {
            steps.Add(null);
        }

        if (Flag(part, "use_regex"))
        {
            steps.Add(new RegexSplitter(RegexSplitter.ByteLevelPattern));
        }
    }

    private RegexSplitter ReadSplit(JsonElement part)
    {
        if (Text(part, "behavior") is var behavior and not "Isolated")
        {
            throw Fault($"pre_tokenizer Split with behavior '{behavior}' is not supported");
        }

        if (part.TryGetProperty("invert", out var invert) && invert.GetBoolean())
        {
            throw Fault("pre_tokenizer Split with invert is not supported");
        }

        var pattern = part.GetProperty("pattern").TryGetProperty("Regex", out var regex)
            ? regex.GetString()!
            : throw Fault("pre_tokenizer Split without a Regex pattern is not supported");
        try
        {
            return new RegexSplitter(pattern);
        }
        catch (ArgumentException e)
        {
            throw Fault($"pre_tokenizer Split: the pattern {pattern} cannot be used ({e.Message})");
        }
    }

    // use_regex is true where it is absent, add_prefix_space too, as in Hugging Face's tokenizers.
    private static bool Flag(JsonElement part, string key) => !part.TryGetProperty(key, out var value) || value.GetBoolean();

    private static string? Text(JsonElement part, string key) => part.TryGetProperty(key, out var value) ? value.GetString() : null;

    private CheckpointException Fault(string problem) =>
        new(path, $"{problem}; supported are ByteLevel, and a Sequence of Split (Regex, Isolated) that ends with ByteLevel.");
}
