using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>A byte-level BPE vocabulary, writable in the form that Hugging Face checkpoints have.</summary>
/// <param name="Tokens">Ordinary tokens in the byte-level alphabet; a token's index is its id.</param>
/// <param name="Merges">Merges by rank, the first applied first.</param>
/// <param name="SpecialTokens">Control tokens; their ids follow the ordinary ones'.</param>
public sealed record WordTokenizer(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<(string Left, string Right)> Merges,
    IReadOnlyList<string> SpecialTokens)
{
    private static readonly JsonSerializerOptions Json =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Whether a text is encoded as if a space stood before it, so that its first word is the same token as everywhere else.
    /// </summary>
    public bool AddsPrefixSpace { get; init; }

    /// <summary>Number of ids, control tokens included.</summary>
    public int VocabularySize => Tokens.Count + SpecialTokens.Count;

    /// <summary>The id of a control token.</summary>
    /// <exception cref="ArgumentException">There is no such control token.</exception>
    public int SpecialId(string token)
    {
        var index = SpecialTokens.ToList().IndexOf(token);
        return index >= 0 ? Tokens.Count + index : throw new ArgumentException($"'{token}' is not a special token.", nameof(token));
    }

    /// <summary>Writes tokenizer.json and tokenizer_config.json.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="markers">Which control tokens begin, end and pad a sequence.</param>
    /// <param name="chatTemplate">The chat template, in Jinja.</param>
    /// <param name="maxPositions">Longest sequence in tokens.</param>
    public void Write(string folder, SequenceMarkers markers, string chatTemplate, int maxPositions)
    {
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), TokenizerJson().ToJsonString(Json) + "\n");
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            ConfigJson(markers, chatTemplate, maxPositions).ToJsonString(Json) + "\n");
    }

    private JsonObject TokenizerJson() => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. SpecialTokens.Select(token => AddedToken(token, withId: true))]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = ByteLevel(),
        ["post_processor"] = null,
        ["decoder"] = ByteLevel(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)JsonValue.Create(id)))),
            ["merges"] = new JsonArray([.. Merges.Select(merge => JsonValue.Create($"{merge.Left} {merge.Right}"))]),
        },
    };

    private JsonObject ConfigJson(SequenceMarkers markers, string chatTemplate, int maxPositions) => new()
    {
        ["tokenizer_class"] = "PreTrainedTokenizerFast",
        ["add_bos_token"] = true,
        ["add_eos_token"] = false,
        ["bos_token"] = markers.Begin,
        ["eos_token"] = markers.End,
        ["pad_token"] = markers.Padding,
        ["clean_up_tokenization_spaces"] = false,
        ["model_max_length"] = maxPositions,
        ["added_tokens_decoder"] = new JsonObject(
            SpecialTokens.Select(token => KeyValuePair.Create($"{SpecialId(token)}", (JsonNode?)AddedToken(token, withId: false)))),
        ["chat_template"] = chatTemplate,
    };

    private JsonObject ByteLevel() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = AddsPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    private JsonObject AddedToken(string token, bool withId)
    {
        var json = new JsonObject
        {
            ["content"] = token,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        };
        if (withId)
        {
            json.Insert(0, "id", SpecialId(token));
        }

        return json;
    }
}
