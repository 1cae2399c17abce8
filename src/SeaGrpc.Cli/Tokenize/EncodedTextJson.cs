using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaGrpc.Cli.Tokenize;

/// <summary>An encoded text as one line of JSON: ids, pieces, and the rendered text of a conversation.</summary>
internal static class EncodedTextJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The line, without its end.</summary>
    public static string Of(EncodedText text) => JsonSerializer.Serialize(
        new
        {
            ids = text.Tokens.Select(token => token.Id),
            pieces = text.Tokens.Select(token => token.Piece),
            rendered = text.Rendered,
        },
        Options);
}
