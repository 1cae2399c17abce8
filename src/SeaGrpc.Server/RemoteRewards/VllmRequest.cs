using System.Text.Json.Nodes;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>What vLLM's /classify and /pooling take alike.</summary>
internal static class VllmRequest
{
    /// <summary>The request for some texts: raw numbers, and no special tokens beside those that the texts contain.</summary>
    public static JsonObject Of(IReadOnlyList<string> texts, string? model, bool hasSpecialTokens)
    {
        var request = new JsonObject
        {
            ["input"] = new JsonArray([.. texts.Select(text => JsonValue.Create(text))]),
            ["use_activation"] = false,
        };
        if (model is not null)
        {
            request["model"] = model;
        }

        if (hasSpecialTokens)
        {
            request["add_special_tokens"] = false;
        }

        return request;
    }
}
