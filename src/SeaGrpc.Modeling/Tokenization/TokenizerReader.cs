using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Reads tokenizer.json of the byte-level BPE kind. What it cannot do exactly it refuses, by name.</summary>
internal sealed class TokenizerReader
{
    private readonly string _path;

    private TokenizerReader(string path)
    {
        _path = path;
    }

    internal static TokenizerDefinition Read(string path)
    {
        using var document = CheckpointJson.Parse(path);
        try
        {
            return new TokenizerReader(path).Read(document.RootElement);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // A value of another kind than the format has: a number where a string belongs, or text with half a surrogate pair.
            throw new CheckpointException(path, $"the file does not have the form of a tokenizer.json ({e.Message}).", e);
        }
    }

    private TokenizerDefinition Read(JsonElement root)
    {
        var model = Part(root, "model");
        CheckModel(model);
        var vocabulary = ReadVocabulary(model);
        CheckDecoder(root);
        return new TokenizerDefinition(
            vocabulary,
            ReadMerges(model, vocabulary),
            Flag(model, "ignore_merges"),
            ReadAddedTokens(root, vocabulary),
            ReadNormalizer(root),
            new PreTokenizerReader(_path).Read(Part(root, "pre_tokenizer")),
            ReadTemplateStart(root));
    }

    private void CheckModel(JsonElement model)
    {
        if (TypeOf(model) is var type and not "BPE")
        {
            throw Fault($"model.type is '{type}', which is not supported; supported is byte-level BPE.");
        }

        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.TryGetProperty(key, out var affix) && affix.ValueKind == JsonValueKind.String
                && affix.GetString() is { Length: > 0 } text)
            {
                throw Fault($"model.{key} is '{text}', which is not supported; supported is null.");
            }
        }

        if (Flag(model, "byte_fallback"))
        {
            throw Fault("model.byte_fallback is true, which is not supported; supported is byte-level BPE.");
        }
    }

    private Dictionary<string, int> ReadVocabulary(JsonElement model)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokenOf = new Dictionary<int, string>();
        foreach (var item in Part(model, "vocab").EnumerateObject())
        {
            var id = item.Value.TryGetInt32(out var value) && value >= 0
                ? value
                : throw Fault($"model.vocab: the id of '{item.Name}' is {item.Value.GetRawText()}; it must be a whole number from 0 on.");
            if (!vocabulary.TryAdd(item.Name, id))
            {
                throw Fault($"model.vocab: the token '{item.Name}' stands twice.");
            }

            if (!tokenOf.TryAdd(id, item.Name))
            {
                throw Fault($"model.vocab: the tokens '{tokenOf[id]}' and '{item.Name}' have the same id {id}.");
            }
        }

        var missing = ByteAlphabet.Utf8Symbols.Where(symbol => !vocabulary.ContainsKey(symbol.ToString())).ToArray();
        return missing.Length == 0
            ? vocabulary
            : throw Fault(
                $"model.vocab has no token for {missing.Length} of the bytes of UTF-8 ('{missing[0]}' first), so some texts could not be "
                + "encoded; train the tokenizer with the whole byte-level alphabet.");
    }

    private List<string> ReadMerges(JsonElement model, Dictionary<string, int> vocabulary)
    {
        var merges = new List<string>();
        foreach (var item in Part(model, "merges").EnumerateArray())
        {
            var parts = item.ValueKind == JsonValueKind.String
                ? item.GetString()!.Split(' ')
                : [.. item.EnumerateArray().Select(part => part.GetString()!)];
            if (parts.Length != 2 || parts.Any(part => part is null or "" || part.Contains(' ', StringComparison.Ordinal)))
            {
                throw Fault($"model.merges: entry {merges.Count} ({item.GetRawText()}) is not a pair of tokens.");
            }

            foreach (var token in (string[])[parts[0], parts[1], parts[0] + parts[1]])
            {
                if (!vocabulary.ContainsKey(token))
                {
                    throw Fault(
                        $"model.merges: entry {merges.Count} ({item.GetRawText()}) needs the token '{token}', which model.vocab lacks.");
                }
            }

            merges.Add($"{parts[0]} {parts[1]}");
        }

        return merges;
    }

    private List<AddedToken> ReadAddedTokens(JsonElement root, Dictionary<string, int> vocabulary)
    {
        var tokens = new List<AddedToken>();
        if (!root.TryGetProperty("added_tokens", out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return tokens;
        }

        var contentOf = vocabulary.ToDictionary(pair => pair.Value, pair => pair.Key);
        foreach (var item in list.EnumerateArray())
        {
            var content = item.GetProperty("content").GetString();
            if (string.IsNullOrEmpty(content) || !item.GetProperty("id").TryGetInt32(out var id) || id < 0)
            {
                throw Fault($"added_tokens: {item.GetRawText()} needs a content and an id from 0 on.");
            }

            if (vocabulary.TryGetValue(content, out var other) && other != id)
            {
                throw Fault($"added_tokens gives '{content}' the id {id}, and model.vocab gives it {other}.");
            }

            if (!contentOf.TryAdd(id, content) && contentOf[id] != content)
            {
                throw Fault($"added_tokens: '{content}' has the id {id}, which belongs to '{contentOf[id]}'.");
            }

            if (tokens.Any(token => token.Content == content))
            {
                throw Fault($"added_tokens: '{content}' stands twice.");
            }

            tokens.Add(new AddedToken(
                id, content, Flag(item, "special"), Flag(item, "lstrip"), Flag(item, "rstrip"), Flag(item, "single_word"),
                Flag(item, "normalized")));
        }

        return tokens;
    }

    private bool ReadNormalizer(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out var normalizer) || normalizer.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        return TypeOf(normalizer) is var type and not "NFC"
            ? throw Fault($"normalizer '{type}' is not supported; supported are null and NFC.")
            : true;
    }

    private void CheckDecoder(JsonElement root)
    {
        if (root.TryGetProperty("decoder", out var decoder) && decoder.ValueKind != JsonValueKind.Null
            && TypeOf(decoder) is var type and not "ByteLevel")
        {
            throw Fault($"decoder '{type}' is not supported; supported is ByteLevel.");
        }
    }

    // A sequence start is learnt from a template; Encode never applies it.
    private static string? ReadTemplateStart(JsonElement root)
    {
        if (!root.TryGetProperty("post_processor", out var processor) || processor.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var processors = processor.TryGetProperty("processors", out var list) ? list.EnumerateArray().ToArray() : [processor];
        var template = Array.Find(processors, item => TypeOf(item) == "TemplateProcessing");
        return template.ValueKind == JsonValueKind.Object
            && template.GetProperty("single").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
            && first.TryGetProperty("SpecialToken", out var special)
                ? special.GetProperty("id").GetString()
                : null;
    }

    private static string? TypeOf(JsonElement part) => part.TryGetProperty("type", out var type) ? type.GetString() : null;

    private static bool Flag(JsonElement part, string key) =>
        part.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null && value.GetBoolean();

    private JsonElement Part(JsonElement parent, string key) =>
        parent.TryGetProperty(key, out var part) && part.ValueKind != JsonValueKind.Null
            ? part
            : throw Fault($"{key} is missing or null; a byte-level BPE tokenizer has it.");

    private CheckpointException Fault(string problem) => new(_path, problem);
}
