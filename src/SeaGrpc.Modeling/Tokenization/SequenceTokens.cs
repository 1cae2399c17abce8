using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The control tokens that a checkpoint's other files name.</summary>
/// <param name="BosToken">tokenizer_config.json's bos_token, or null.</param>
/// <param name="EosToken">tokenizer_config.json's eos_token, or null.</param>
/// <param name="AddsBos">tokenizer_config.json's add_bos_token, or null where it says nothing.</param>
/// <param name="ControlTokens">Every token that tokenizer_config.json names in a role of its own.</param>
/// <param name="EosIds">eos_token_id of generation_config.json and config.json.</param>
internal sealed record SequenceTokens(
    string? BosToken,
    string? EosToken,
    bool? AddsBos,
    IReadOnlyList<string> ControlTokens,
    IReadOnlyList<int> EosIds)
{
    internal const string ConfigName = "tokenizer_config.json";

    /// <summary>The keys of tokenizer_config.json that name one token each.</summary>
    internal static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    internal static SequenceTokens Read(string folder)
    {
        var eosIds = new List<int>();
        foreach (var name in (string[])["generation_config.json", "config.json"])
        {
            var path = Path.Combine(folder, name);
            using var file = CheckpointJson.ParseIfPresent(path);
            if (file?.RootElement.TryGetProperty("eos_token_id", out var value) == true)
            {
                eosIds.AddRange(TokenIds.TryRead(value, out var ids)
                    ? ids
                    : throw new CheckpointException(path, "eos_token_id is neither a token id nor a list of them."));
            }
        }

        using var config = CheckpointJson.ParseIfPresent(Path.Combine(folder, ConfigName));
        if (config is null)
        {
            return new SequenceTokens(null, null, null, [], eosIds);
        }

        var root = config.RootElement;
        bool? addsBos = root.TryGetProperty("add_bos_token", out var adds) && adds.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? adds.GetBoolean()
            : null;
        var control = Roles.Select(role => TokenText(root, role)).OfType<string>().ToList();
        if (root.TryGetProperty("additional_special_tokens", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            control.AddRange(list.EnumerateArray().Select(TokenText).OfType<string>());
        }

        return new SequenceTokens(TokenText(root, "bos_token"), TokenText(root, "eos_token"), addsBos, control, eosIds);
    }

    /// <summary>A token's text, which is a string or an object with that content.</summary>
    internal static string? TokenText(JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) ? TokenText(value) : null;

    private static string? TokenText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Object when value.TryGetProperty("content", out var content) => TokenText(content),
        _ => null,
    };
}
