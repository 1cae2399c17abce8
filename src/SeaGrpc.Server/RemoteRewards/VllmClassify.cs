using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>
/// vLLM, POST /classify: one number for each label, in their order. They are logits, since the request turns off the activation. An old
/// server ignores that and answers probabilities, which the first reply shows: the sample's.
/// </summary>
internal sealed class VllmClassify : IHttpRewardApi
{
    private const double Rounding = 1e-4;

    private bool _isKnown;

    public string Path => "classify";

    public JsonObject Request(IReadOnlyList<string> texts, string? model, bool hasSpecialTokens) =>
        VllmRequest.Of(texts, model, hasSpecialTokens);

    public IReadOnlyList<double> Rewards(JsonElement reply, int texts, LabelReading? label)
    {
        (string Name, double Number)[][] results =
            [.. JsonReply.ByIndex(reply, texts).Select(result => JsonReply.Places(JsonReply.Member(result, "probs")))];
        if (!_isKnown && Array.TrueForAll(results, IsSoftmax))
        {
            throw new FormatException("answered probabilities, but a reward is made of raw numbers: use a vLLM that knows use_activation");
        }

        _isKnown = true;
        return [.. results.Select(labels => LabelScore.Of(labels, label))];
    }

    private static bool IsSoftmax((string Name, double Number)[] labels) => labels.Length > 1
        && Array.TrueForAll(labels, label => label.Number is >= 0 and <= 1)
        && Math.Abs(labels.Sum(label => label.Number) - 1) < Rounding;
}
