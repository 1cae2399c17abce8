using System.Text.Json;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Reads the model of tokenizer.json, which must be BPE.</summary>
internal sealed class BytePairModelReader(TokenizerJson json)
{
    /// <summary>Reads the model.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="isByteLevel">Whether pieces are in the byte-level alphabet.</param>
    internal BytePairModel Read(JsonElement root, bool isByteLevel)
    {
        if (!TokenizerJson.TryGet(root, "model", out var model))
        {
            throw json.Fault("model is missing or null; a BPE tokenizer has it.");
        }

        CheckKind(model);
        var vocabulary = ReadVocabulary(model);
        var byteIds = ReadByteIds(model, vocabulary);
        var unknown = ReadUnknown(model, vocabulary, isByteLevel);
        return new BytePairModel(
            vocabulary, ReadMerges(model, vocabulary), TokenizerJson.Flag(model, "ignore_merges"), byteIds, unknown,
            TokenizerJson.Flag(model, "fuse_unk"));
    }

    private void CheckKind(JsonElement model)
    {
        // Old files do not contain the type. In this case, merges indicate BPE.
        if ((TokenizerJson.TypeOf(model) ?? (model.TryGetProperty("merges", out _) ? "BPE" : "")) is var type and not "BPE")
        {
            throw json.Fault(
                $"model.type is '{type}', which is not supported; use BPE, byte-level or with byte_fallback. Convert the "
                + "tokenizer, or use a model of a family that has one: Llama, Qwen, Mistral, Gemma, Phi.");
        }

        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (TokenizerJson.Text(model, key) is { Length: > 0 } text)
            {
                throw json.Fault($"model.{key} is '{text}', which is not supported; supported is null.");
            }
        }

        if (TokenizerJson.TryGet(model, "dropout", out var dropout) && dropout.GetDouble() > 0)
        {
            throw json.Fault($"model.dropout is {dropout.GetRawText()}, so one text would have many encodings; supported is null.");
        }
    }

    private Dictionary<string, int> ReadVocabulary(JsonElement model)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokenOf = new Dictionary<int, string>();
        if (!TokenizerJson.TryGet(model, "vocab", out var list))
        {
            throw json.Fault("model.vocab is missing or null; a BPE tokenizer has it.");
        }

        foreach (var item in list.EnumerateObject())
        {
            var id = item.Value.TryGetInt32(out var value) && value >= 0
                ? value
                : throw json.Fault(
                    $"model.vocab: the id of '{item.Name}' is {item.Value.GetRawText()}; it must be a whole number from 0 on.");
            if (!vocabulary.TryAdd(item.Name, id))
            {
                throw json.Fault($"model.vocab: the token '{item.Name}' appears twice.");
            }

            if (!tokenOf.TryAdd(id, item.Name))
            {
                throw json.Fault($"model.vocab: the tokens '{tokenOf[id]}' and '{item.Name}' have the same id {id}.");
            }
        }

        return vocabulary;
    }

    // Files omit byte tokens whose character has a token. -1 represents them.
    private static int[]? ReadByteIds(JsonElement model, Dictionary<string, int> vocabulary) => TokenizerJson.Flag(model, "byte_fallback")
        ? [.. Enumerable.Range(0, 256).Select(value => vocabulary.GetValueOrDefault($"<0x{value:X2}>", -1))]
        : null;

    // An unknown token missing from the vocabulary is not an error if no character is ever unknown.
    private int? ReadUnknown(JsonElement model, Dictionary<string, int> vocabulary, bool isByteLevel)
    {
        if (TokenizerJson.Text(model, "unk_token") is not { } token)
        {
            return null;
        }

        if (vocabulary.TryGetValue(token, out var id))
        {
            return id;
        }

        return isByteLevel && ByteAlphabet.Utf8Symbols.All(symbol => vocabulary.ContainsKey(symbol.ToString()))
            ? null
            : throw json.Fault($"model.unk_token is '{token}', which model.vocab lacks; add it there, or correct the name.");
    }

    // The first line of a merges.txt, which some files contain.
    private static bool IsHeading(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.String && merge.GetString()!.StartsWith("#version", StringComparison.Ordinal);

    private List<(int Left, int Right, int Id)> ReadMerges(JsonElement model, Dictionary<string, int> vocabulary)
    {
        if (!TokenizerJson.TryGet(model, "merges", out var list))
        {
            throw json.Fault("model.merges is missing or null; a BPE tokenizer has it.");
        }

        var merges = new List<(int, int, int)>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray().Where(item => !IsHeading(item)))
        {
            var parts = item.ValueKind == JsonValueKind.String
                ? item.GetString()!.Split(' ')
                : [.. item.EnumerateArray().Select(part => part.GetString()!)];
            if (parts.Length != 2 || parts.Any(string.IsNullOrEmpty))
            {
                throw json.Fault($"model.merges: entry {merges.Count} ({item.GetRawText()}) is not a pair of tokens.");
            }

            merges.Add((IdOf(parts[0]), IdOf(parts[1]), IdOf(parts[0] + parts[1])));

            int IdOf(string token) => vocabulary.TryGetValue(token, out var id)
                ? id
                : throw json.Fault(
                    $"model.merges: entry {merges.Count} ({item.GetRawText()}) needs the token '{token}', which model.vocab lacks.");
        }

        return merges;
    }
}
