using System.Text.Json;
using System.Text.Json.Nodes;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>A folder with a byte-level BPE tokenizer of a few tokens, which a test may change before it is written.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("tokenizer").FullName;

    internal TokenizerFolder()
    {
        var vocab = new JsonObject();
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            vocab[((char)(isPrintable ? value : next++)).ToString()] = value;
        }

        foreach (var token in (string[])["ab", "abc", "bc", "Ġa"])
        {
            vocab[token] = vocab.Count;
        }

        Json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(260, "<s>", true), Added(261, "</s>", true), Added(262, "<mark>", false)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocab, ["merges"] = new JsonArray("b c", "a b", "ab c", "Ġ a") },
        };
        Config = new JsonObject { ["bos_token"] = "<s>", ["eos_token"] = "</s>", ["add_bos_token"] = true };
    }

    internal TokenizerFolder(JsonObject json)
        : this()
    {
        Json = json;
        Config = new JsonObject { ["eos_token"] = "</s>" };
    }

    internal JsonObject Json { get; }

    internal JsonObject? Config { get; set; }

    internal string JsonPath => Path.Combine(_path, "tokenizer.json");

    internal static JsonObject Added(int id, string content, bool special) =>
        new()
        {
            ["id"] = id,
            ["content"] = content,
            ["special"] = special,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["single_word"] = false,
            ["normalized"] = false,
        };

    private static JsonObject ByteLevel() =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true, ["trim_offsets"] = true };

    internal string Write()
    {
        File.WriteAllText(JsonPath, Json.ToJsonString());
        if (Config is not null)
        {
            WriteFile("tokenizer_config.json", Config);
        }

        return _path;
    }

    internal void WriteFile(string name, JsonObject content) =>
        File.WriteAllText(Path.Combine(_path, name), content.ToJsonString(new JsonSerializerOptions()));

    internal void WriteFile(string name, string content) => File.WriteAllText(Path.Combine(_path, name), content);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
