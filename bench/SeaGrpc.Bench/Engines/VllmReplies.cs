using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Bench.Engines;

/// <summary>
/// vLLM's /v1/completions as far as this project asks for it, answered by any policy: ids as the prompt, tokens as "token_id:N", one more
/// alternative than was asked for where the drawn token is not among them.
/// </summary>
internal static class VllmReplies
{
    /// <summary>Answers a request.</summary>
    /// <param name="policy">What draws and reads.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="body">The request.</param>
    /// <param name="told">What is told of a log-probability at a sampling temperature; null for itself.</param>
    public static async Task<JsonObject> CompleteAsync(
        IPolicy policy, string model, JsonObject body, Func<float, double, double>? told = null)
    {
        int[] prompt = Ids(body["prompt"]!);
        double temperature = (double)body["temperature"]!;
        double Told(float own) => told?.Invoke(own, temperature) ?? own;
        var drawing = new TokenDrawing(
            (int)body["max_tokens"]!,
            temperature,
            Math.Max(0, (int?)body["top_k"] ?? 0),
            (int)body["logprobs"]!,
            body["stop_token_ids"] is { } ends ? Ids(ends).ToHashSet() : [],
            body["logit_bias"] is JsonObject biases
                ? [.. biases.Select(one => int.Parse(one.Key, System.Globalization.CultureInfo.InvariantCulture))]
                : [])
        {
            Stops = body["stop"] is JsonArray stops ? [.. stops.Select(stop => (string)stop!)] : [],
        };
        DrawnTokens drawn = (await policy.ContinueAsync(
            [new RowToContinue(prompt, (ulong)((long?)body["seed"] ?? 0))], drawing, CancellationToken.None)).Rows[0];
        // A row that is shorter than it may be has met a stop string.
        bool hasMetStop = !drawn.HasEnded && drawn.Tokens.Count < drawing.MaxTokens;
        var choice = new JsonObject
        {
            ["index"] = 0,
            ["text"] = "",
            ["logprobs"] = new JsonObject
            {
                ["text_offset"] = new JsonArray([.. drawn.Tokens.Select(_ => JsonValue.Create(0))]),
                ["tokens"] = new JsonArray([.. drawn.Tokens.Select(id => JsonValue.Create($"token_id:{id}"))]),
                ["token_logprobs"] = new JsonArray([.. drawn.LogProbabilities.Select(own => JsonValue.Create(Told(own)))]),
                ["top_logprobs"] = new JsonArray([.. drawn.Alternatives.Select((position, at) => (JsonNode)new JsonObject(
                    With(position, drawn.Tokens[at], drawn.LogProbabilities[at]).Select(one =>
                        KeyValuePair.Create($"token_id:{one.Id}", (JsonNode?)JsonValue.Create(Told(one.LogProbability))))))]),
            },
            ["finish_reason"] = drawn.HasEnded || hasMetStop ? "stop" : "length",
            ["stop_reason"] = hasMetStop ? drawing.Stops[0] : null,
            ["token_ids"] = Ids(drawn.Tokens),
            ["prompt_token_ids"] = Ids(prompt),
            ["prompt_logprobs"] = body["prompt_logprobs"] is { } wanted ? await ReadAsync(policy, prompt, (int)wanted) : null,
        };
        return new JsonObject
        {
            ["id"] = "cmpl-1",
            ["object"] = "text_completion",
            ["created"] = 1,
            ["model"] = model,
            ["choices"] = new JsonArray(choice),
            ["usage"] = new JsonObject
            {
                ["prompt_tokens"] = prompt.Length,
                ["completion_tokens"] = drawn.Tokens.Count,
                ["total_tokens"] = prompt.Length + drawn.Tokens.Count,
                ["prompt_tokens_details"] = null,
            },
        };
    }

    /// <summary>The reply of /v1/models.</summary>
    public static JsonObject Models(string model, int maxPositions) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray(new JsonObject
        {
            ["id"] = model,
            ["object"] = "model",
            ["owned_by"] = "vllm",
            ["root"] = $"/models/{model}",
            ["max_model_len"] = maxPositions,
        }),
    };

    /// <summary>Ids as JSON.</summary>
    public static JsonArray Ids(IEnumerable<int> ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    /// <summary>Ids of JSON.</summary>
    public static int[] Ids(JsonNode ids) => [.. ids.AsArray().Select(id => (int)id!)];

    private static async Task<JsonArray> ReadAsync(IPolicy policy, int[] prompt, int alternatives)
    {
        ReadTokens read = (await policy.ReadAsync([new RowToRead(prompt, 1)], alternatives, CancellationToken.None)).Rows[0];
        return new JsonArray(
        [
            null,
            .. read.LogProbabilities.Select((own, at) => (JsonNode)new JsonObject(
                With(read.Alternatives.Count > at ? read.Alternatives[at] : [], prompt[at + 1], own).Select((one, rank) =>
                    KeyValuePair.Create($"{one.Id}", (JsonNode?)new JsonObject
                    {
                        ["logprob"] = (double)one.LogProbability,
                        ["rank"] = rank + 1,
                        ["decoded_token"] = null,
                    })))),
        ]);
    }

    // The token itself comes first, whether it is among the likeliest or not.
    private static IEnumerable<TokenProbability> With(IReadOnlyList<TokenProbability> likeliest, int id, float own) =>
        likeliest.Where(one => one.Id != id).Prepend(new TokenProbability(id, own));
}
