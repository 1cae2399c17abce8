using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// vLLM, POST /v1/completions: prompts are ids, and tokens are told as "token_id:N". Log-probabilities are those before temperature, biases
/// and top k (vLLM's <c>--logprobs-mode raw_logprobs</c>, the default).
/// </summary>
/// <remarks>
/// A request that asks for log-probabilities of the prompt does not use vLLM's prefix cache: reading costs the whole row, drawing only
/// what is new.
/// </remarks>
internal sealed class VllmCompletions : IEngineApi
{
    private const string Path = "v1/completions";
    private const string Prefix = "token_id:";

    public bool ReadsRows => true;

    public bool TellsDraws => true;

    public string ModelPath => "v1/models";

    public EngineModel Model(JsonElement reply, string? wanted)
    {
        JsonElement[] models = JsonReply.Items(JsonReply.Member(reply, "data"), "models");
        string[] names = [.. models.Select(model => JsonReply.Member(model, "id").ToString())];
        int at = wanted is null ? 0 : Array.IndexOf(names, wanted);
        if (at < 0 || (wanted is null && names.Length > 1))
        {
            string known = string.Join(", ", names.Select(CallerText.Shown));
            throw new FormatException(wanted is null
                ? $"serves several models: set Model to one of {known}"
                : $"does not serve {CallerText.Shown(wanted)}, but {known}");
        }

        string root = models[at].TryGetProperty("root", out JsonElement from) ? from.ToString() : names[at];
        long longest = EngineReply.CountOrZero(models[at], "max_model_len");
        return new EngineModel(
            names[at], root == names[at] ? root : $"{names[at]} ({root})", longest is > 0 and <= int.MaxValue ? (int)longest : null);
    }

    public EngineRequest Tokenize(string text, string? model) =>
        new("tokenize", new JsonObject { ["model"] = model, ["prompt"] = text, ["add_special_tokens"] = false });

    public EngineRequest Continue(RowToContinue row, TokenDrawing drawing, string? model)
    {
        JsonObject body = Request(row.Ids, model, drawing.MaxTokens, drawing.Alternatives);
        body["temperature"] = drawing.Temperature;
        body["top_k"] = drawing.TopK > 0 ? drawing.TopK : -1;
        body["seed"] = (long)(row.Seed & long.MaxValue);
        body["stop_token_ids"] = EngineReply.Ids(drawing.Ends);
        if (drawing.Stops.Count > 0)
        {
            body["stop"] = EngineReply.Texts(drawing.Stops);
            body["include_stop_str_in_output"] = true;
        }

        if (drawing.Forbidden.Count > 0)
        {
            body["logit_bias"] = EngineReply.Biases(drawing.Forbidden);
        }

        return new EngineRequest(Path, body);
    }

    public EngineDraw Drawn(JsonElement reply, TokenDrawing drawing)
    {
        JsonElement choice = Choice(reply);
        JsonElement told = JsonReply.Member(choice, "logprobs");
        int[] tokens = [.. JsonReply.Items(JsonReply.Member(told, "tokens"), "tokens").Select(token => Id(token.ToString()))];
        if (choice.TryGetProperty("token_ids", out JsonElement ids) && ids.ValueKind == JsonValueKind.Array
            && !EngineReply.Ids(ids).SequenceEqual(tokens))
        {
            throw new FormatException("answered with log-probabilities of other tokens than it has drawn");
        }

        float[] own =
        [
            .. JsonReply.Items(JsonReply.Member(told, "token_logprobs"), "log-probabilities", tokens.Length)
                .Select(EngineReply.LogProbability),
        ];
        TokenProbability[][] alternatives = drawing.Alternatives == 0
            ? [.. tokens.Select(_ => Array.Empty<TokenProbability>())]
            : [.. JsonReply.Items(JsonReply.Member(told, "top_logprobs"), "positions", tokens.Length).Select(position =>
                EngineReply.Likeliest(
                    [.. Members(position).Select(one => new TokenProbability(Id(one.Name), EngineReply.LogProbability(one.Value)))],
                    drawing.Alternatives))];
        return new EngineDraw(tokens, own, alternatives, HasStopped(choice), Usage(reply))
        {
            HasMetStop = choice.TryGetProperty("stop_reason", out JsonElement met)
                && met.ValueKind == JsonValueKind.String && drawing.Stops.Contains(met.ToString()),
        };
    }

    public EngineRequest Read(RowToRead row, int alternatives, string? model)
    {
        JsonObject body = Request(row.Ids, model, maxTokens: 1, alternatives: 0);
        body["temperature"] = 0;
        body["prompt_logprobs"] = alternatives;
        return new EngineRequest(Path, body);
    }

    public EngineReading Read(JsonElement reply, RowToRead row, int alternatives)
    {
        JsonElement[] positions = JsonReply.Items(
            JsonReply.Member(Choice(reply), "prompt_logprobs"), "positions of the prompt", row.Ids.Count);
        List<float> own = [];
        List<TokenProbability[]> likeliest = [];
        for (int at = row.From; at < row.Ids.Count; at++)
        {
            TokenProbability[] told =
            [
                .. Members(positions[at]).Select(one => new TokenProbability(
                    Id(one.Name), EngineReply.LogProbability(JsonReply.Member(one.Value, "logprob")))),
            ];
            int mine = Array.FindIndex(told, one => one.Id == row.Ids[at]);
            own.Add(mine >= 0
                ? told[mine].LogProbability
                : throw new FormatException($"answered without token {row.Ids[at]} at position {at}: {JsonReply.Shown(positions[at])}"));
            likeliest.Add(EngineReply.Likeliest(told, alternatives));
        }

        return new EngineReading(new ReadTokens(own, likeliest), Usage(reply));
    }

    // Everything is stated that the model's own generation_config.json may set otherwise.
    private static JsonObject Request(IReadOnlyList<int> ids, string? model, int maxTokens, int alternatives) => new()
    {
        ["model"] = model,
        ["prompt"] = EngineReply.Ids(ids),
        ["max_tokens"] = maxTokens,
        ["logprobs"] = alternatives,
        ["return_tokens_as_token_ids"] = true,
        ["return_token_ids"] = true,
        ["skip_special_tokens"] = false,
        ["top_p"] = 1,
        ["min_p"] = 0,
        ["repetition_penalty"] = 1,
        ["presence_penalty"] = 0,
        ["frequency_penalty"] = 0,
    };

    private static JsonElement Choice(JsonElement reply) => JsonReply.Items(JsonReply.Member(reply, "choices"), "choices", 1)[0];

    private static JsonProperty[] Members(JsonElement position) => position.ValueKind == JsonValueKind.Object
        ? [.. position.EnumerateObject()]
        : throw new FormatException($"answered {JsonReply.Shown(position)} instead of tokens with log-probabilities");

    private static int Id(string told)
    {
        string digits = told.StartsWith(Prefix, StringComparison.Ordinal) ? told[Prefix.Length..] : told;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : throw new FormatException(
                $"named the token {CallerText.Shown(told)} by its text: use a vLLM that knows return_tokens_as_token_ids");
    }

    private static bool HasStopped(JsonElement choice) => JsonReply.Member(choice, "finish_reason").ToString() switch
    {
        "stop" => true,
        "length" => false,
        { } other => throw new FormatException($"ended a row for the reason \"{CallerText.Shown(other)}\""),
    };

    private static PolicyTokens Usage(JsonElement reply)
    {
        JsonElement usage = JsonReply.Member(reply, "usage");
        return new PolicyTokens(
            EngineReply.Count(JsonReply.Member(usage, "prompt_tokens")),
            usage.TryGetProperty("prompt_tokens_details", out JsonElement details) ? EngineReply.CountOrZero(details, "cached_tokens") : 0,
            EngineReply.Count(JsonReply.Member(usage, "completion_tokens")));
    }
}
