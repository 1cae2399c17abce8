using System.Text.Json;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A token in tokenizer_config.json and related files: a text, or an object with content and flags.</summary>
internal static class TokenElement
{
    /// <summary>Its text, or null if the value is null or has neither form.</summary>
    internal static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Object when value.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String =>
            content.GetString(),
        _ => null,
    };

    /// <summary>Reads a token with its flags.</summary>
    /// <param name="path">The file.</param>
    /// <param name="where">The key, for messages.</param>
    /// <param name="value">The value.</param>
    /// <param name="isControl">Whether its location makes it a control token, regardless of its own flag.</param>
    /// <exception cref="CheckpointException">The value has neither form.</exception>
    internal static NamedToken Read(string path, string where, JsonElement value, bool isControl)
    {
        if (Text(value) is not { Length: > 0 } content)
        {
            throw new CheckpointException(
                path, $"{where} is {Shortened(value.GetRawText())}; it must be a token: a text, or an object with a content.");
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return new NamedToken(path, content, isControl, Flags: new TokenFlags(false, false, false, IsNormalized: !isControl));
        }

        var isSpecial = isControl || Flag("special", false);
        return new NamedToken(
            path, content, isSpecial,
            Flags: new TokenFlags(
                Flag("lstrip", false), Flag("rstrip", false), Flag("single_word", false), Flag("normalized", !isSpecial)));

        bool Flag(string key, bool absent) => !value.TryGetProperty(key, out var flag) ? absent : flag.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new CheckpointException(path, $"{where}: {key} of the token '{content}' must be true or false."),
        };
    }

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
