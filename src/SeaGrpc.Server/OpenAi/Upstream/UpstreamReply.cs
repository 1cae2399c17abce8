using System.Text.Json;

namespace SeaGrpc.Server.OpenAi.Upstream;

/// <summary>Reads the backend's reply.</summary>
internal static class UpstreamReply
{
    /// <summary>The drafts of a reply. Choices without a text, such as calls of tools, are left out.</summary>
    /// <exception cref="FormatException">It is none of the API's replies.</exception>
    public static UpstreamDrafts Drafts(JsonElement reply, string model)
    {
        if (reply.ValueKind != JsonValueKind.Object || !reply.TryGetProperty("choices", out JsonElement choices)
            || choices.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("answered without a list of choices");
        }

        UpstreamDraft[] drafts = [.. choices.EnumerateArray().Select(Draft).OfType<UpstreamDraft>()];
        return drafts.Length == 0
            ? throw new FormatException("answered with no choice that has a text")
            : new UpstreamDrafts(
                Text(reply, "model") ?? model, drafts, Tokens(reply, "prompt_tokens"), Tokens(reply, "completion_tokens"));
    }

    /// <summary>The names of a list of models.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IReadOnlyList<string> Models(JsonElement reply) =>
        reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("data", out JsonElement data)
            && data.ValueKind == JsonValueKind.Array
            ? [.. data.EnumerateArray().Select(model => Text(model, "id")).OfType<string>()]
            : throw new FormatException("answered without a list of models");

    /// <summary>The error that a reply tells, if it is one of the API's.</summary>
    public static (string? Message, string? Type, string? Param, string? Code) Error(JsonElement reply)
    {
        JsonElement error = reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("error", out JsonElement own) ? own : reply;
        return error.ValueKind == JsonValueKind.String
            ? (error.GetString(), null, null, null)
            : (Text(error, "message"), Text(error, "type"), Text(error, "param"), Text(error, "code"));
    }

    private static UpstreamDraft? Draft(JsonElement choice)
    {
        string? text = choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("message", out JsonElement message)
            ? Text(message, "content")
            : Text(choice, "text");
        JsonElement? logprobs = choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("logprobs", out JsonElement told)
            && told.ValueKind == JsonValueKind.Object ? told.Clone() : null;
        return string.IsNullOrEmpty(text) ? null : new UpstreamDraft(text, Text(choice, "finish_reason") ?? "stop", logprobs);
    }

    private static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement member)
            && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static int Tokens(JsonElement reply, string name) =>
        reply.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object
            && usage.TryGetProperty(name, out JsonElement count) && count.ValueKind == JsonValueKind.Number
            && count.TryGetInt32(out int tokens) ? tokens : 0;
}
