using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>
/// vLLM, POST /pooling: one number for each label of a text, or such a list for each of its tokens, of which the last one counts.
/// </summary>
internal sealed class VllmPooling : IHttpRewardApi
{
    public string Path => "pooling";

    public JsonObject Request(IReadOnlyList<string> texts, string? model, bool hasSpecialTokens) =>
        VllmRequest.Of(texts, model, hasSpecialTokens);

    public IReadOnlyList<double> Rewards(JsonElement reply, int texts, LabelReading? label) =>
    [
        .. JsonReply.ByIndex(reply, texts)
            .Select(result => LabelScore.Of(JsonReply.Places(Last(JsonReply.Member(result, "data"))), label)),
    ];

    private static JsonElement Last(JsonElement data)
    {
        JsonElement[] items = JsonReply.Items(data, "numbers");
        return items[^1].ValueKind == JsonValueKind.Array ? items[^1] : data;
    }
}
