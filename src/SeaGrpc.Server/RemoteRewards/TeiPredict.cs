using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>Text Embeddings Inference, POST /predict: the labels of each text with their raw scores, the highest first.</summary>
internal sealed class TeiPredict : IHttpRewardApi
{
    public string Path => "predict";

    // A list of two texts would be one pair, so each text is a list of its own.
    public JsonObject Request(IReadOnlyList<string> texts, string? model, bool hasSpecialTokens) => new()
    {
        ["inputs"] = new JsonArray([.. texts.Select(text => new JsonArray(text))]),
        ["raw_scores"] = true,
        ["truncate"] = false,
    };

    public IReadOnlyList<double> Rewards(JsonElement reply, int texts, LabelReading? label) =>
    [
        .. JsonReply.Items(reply, "results", texts).Select(result => LabelScore.Of(
            [.. JsonReply.Items(result, "labels").Select(
                one => (JsonReply.Member(one, "label").ToString(), JsonReply.Number(JsonReply.Member(one, "score"))))],
            label)),
    ];
}
