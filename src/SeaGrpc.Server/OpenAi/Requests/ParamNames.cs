using SeaGrpc.Server.Contract;

namespace SeaGrpc.Server.OpenAi.Requests;

/// <summary>Where a request says what fields of the contract say.</summary>
/// <param name="Prompt">messages or prompt.</param>
/// <param name="MaxTokens">max_tokens or max_completion_tokens.</param>
/// <param name="HasTemperature">Whether the reference's temperature comes from temperature.</param>
internal sealed record ParamNames(string Prompt, string MaxTokens, bool HasTemperature)
{
    /// <summary>Names of a request that could not be read.</summary>
    public static ParamNames None { get; } = new("messages", "max_tokens", false);

    private static readonly Dictionary<string, string> Others = new()
    {
        ["draft_response"] = "sea.draft",
        ["alternative_responses"] = "sea.alternatives",
        ["response_prefix"] = "sea.prefix",
        ["time_limit"] = "sea.time_limit_ms",
        ["queue_timeout"] = "sea.queue_timeout_ms",
        ["seed"] = "seed",
        ["policy_model"] = "model",
        ["model"] = "model",
        ["stop_strings"] = "stop",
    };

    /// <summary>The API's name of a field of the contract; null if it has none.</summary>
    /// <param name="field">The field's full path: <c>spec.sea.step_size</c>.</param>
    public string? Of(string field)
    {
        if (field.StartsWith("metadata sea-priority", StringComparison.Ordinal))
        {
            return "sea-priority";
        }

        string path = field.StartsWith("spec.", StringComparison.Ordinal) ? field["spec.".Length..] : field;
        if (path.StartsWith("pairs[", StringComparison.Ordinal))
        {
            int end = path.IndexOf("].", StringComparison.Ordinal);
            path = end < 0 ? path : path[(end + 2)..];
            return path.StartsWith("prompt", StringComparison.Ordinal) ? Prompt : "the backend's draft";
        }

        if (path is "prompt" or "prompt.chat" || path.StartsWith("prompt.", StringComparison.Ordinal))
        {
            const string Turns = "prompt.chat.messages";
            const string Ids = "prompt.token_ids.ids";
            return path.StartsWith(Turns, StringComparison.Ordinal) ? "messages" + path[Turns.Length..]
                : path.StartsWith(Ids, StringComparison.Ordinal) ? "prompt" + path[Ids.Length..]
                : Prompt;
        }

        string head = path.Split('.', '[')[0];
        if (Others.TryGetValue(head, out string? other))
        {
            return head == "alternative_responses" ? other + path[head.Length..].Split('.')[0] : other;
        }

        if (head == "max_response_tokens")
        {
            return MaxTokens;
        }

        if (ContractMethod.All.Any(method => method.Name == head))
        {
            string parameter = path.Length == head.Length ? "method" : path[(head.Length + 1)..];
            return parameter == "reference_temperature" && HasTemperature ? "temperature" : $"sea.{parameter}";
        }

        return field is "" or "spec" ? null : $"sea.{path}";
    }
}
