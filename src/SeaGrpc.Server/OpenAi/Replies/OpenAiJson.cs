using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>Serializers of the replies.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(ChatLogprobs))]
[JsonSerializable(typeof(TextLogprobs))]
internal sealed partial class OpenAiJson : JsonSerializerContext;

/// <summary>The serializers in use. They write letters and apostrophes as they are, because nothing is put into HTML.</summary>
internal static class ReplyJson
{
    public static OpenAiJson Types { get; } =
        new(new JsonSerializerOptions(OpenAiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
