using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// SGLang, POST /generate with input_ids. Log-probabilities of drawn tokens are those after temperature and biases there, so drawn tokens
/// are read again as given ones, whose log-probabilities are the policy's. Its draws have no seed unless it runs deterministically.
/// </summary>
internal sealed class SglangGenerate : IEngineApi
{
    private const string Path = "generate";

    public bool ReadsRows => true;

    public bool TellsDraws => false;

    public string ModelPath => "get_model_info";

    public EngineModel Model(JsonElement reply, string? wanted)
    {
        string name = JsonReply.Member(reply, "model_path").ToString();
        return wanted is null || wanted == name
            ? new EngineModel(name, name, MaxPositions: null)
            : throw new FormatException($"does not serve {CallerText.Shown(wanted)}, but {CallerText.Shown(name)}");
    }

    public EngineRequest Tokenize(string text, string? model) =>
        new("tokenize", new JsonObject { ["model"] = model, ["prompt"] = text, ["add_special_tokens"] = false });

    public EngineRequest Continue(RowToContinue row, TokenDrawing drawing, string? model)
    {
        JsonObject sampling = Sampling(drawing.MaxTokens, drawing.Temperature, drawing.TopK);
        sampling["stop_token_ids"] = EngineReply.Ids(drawing.Ends);
        if (drawing.Stops.Count > 0)
        {
            sampling["stop"] = EngineReply.Texts(drawing.Stops);
            sampling["no_stop_trim"] = true;
        }

        if (drawing.Forbidden.Count > 0)
        {
            sampling["logit_bias"] = EngineReply.Biases(drawing.Forbidden);
        }

        return new EngineRequest(Path, new JsonObject
        {
            ["input_ids"] = EngineReply.Ids(row.Ids),
            ["sampling_params"] = sampling,
            ["stream"] = false,
        });
    }

    public EngineDraw Drawn(JsonElement reply, TokenDrawing drawing)
    {
        // First the reason: a row that was given up may have no tokens.
        JsonElement info = JsonReply.Member(reply, "meta_info");
        JsonElement reason = JsonReply.Member(info, "finish_reason");
        bool hasStopped = HasStopped(reason);
        return new EngineDraw(EngineReply.Ids(JsonReply.Member(reply, "output_ids")), [], [], hasStopped, Usage(info))
        {
            HasMetStop = reason.TryGetProperty("matched", out JsonElement met)
                && met.ValueKind == JsonValueKind.String && drawing.Stops.Contains(met.ToString()),
        };
    }

    // Log-probabilities begin one position earlier: the first of them has none.
    public EngineRequest Read(RowToRead row, int alternatives, string? model) => new(Path, new JsonObject
    {
        ["input_ids"] = EngineReply.Ids(row.Ids),
        ["sampling_params"] = Sampling(maxTokens: 1, temperature: 0, topK: 0),
        ["return_logprob"] = true,
        ["logprob_start_len"] = row.From - 1,
        ["top_logprobs_num"] = alternatives,
        ["return_text_in_logprobs"] = false,
        ["stream"] = false,
    });

    public EngineReading Read(JsonElement reply, RowToRead row, int alternatives)
    {
        JsonElement info = JsonReply.Member(reply, "meta_info");
        int count = row.Ids.Count - row.From;
        JsonElement[] told = JsonReply.Items(JsonReply.Member(info, "input_token_logprobs"), "given tokens", count + 1)[1..];
        float[] own = [.. told.Select((one, at) => Own(one, row.Ids[row.From + at], row.From + at))];
        TokenProbability[][] likeliest = alternatives == 0
            ? [.. told.Select(_ => Array.Empty<TokenProbability>())]
            : [.. JsonReply.Items(JsonReply.Member(info, "input_top_logprobs"), "positions", count + 1)[1..].Select(position =>
                EngineReply.Likeliest([.. JsonReply.Items(position, "alternatives").Select(Token)], alternatives))];
        return new EngineReading(new ReadTokens(own, likeliest), Usage(info));
    }

    private static JsonObject Sampling(int maxTokens, double temperature, int topK) => new()
    {
        ["max_new_tokens"] = maxTokens,
        ["temperature"] = temperature,
        ["top_k"] = topK > 0 ? topK : -1,
        ["top_p"] = 1,
        ["min_p"] = 0,
        ["repetition_penalty"] = 1,
        ["presence_penalty"] = 0,
        ["frequency_penalty"] = 0,
        ["skip_special_tokens"] = false,
    };

    private static float Own(JsonElement told, int wanted, int position)
    {
        TokenProbability token = Token(told);
        return token.Id == wanted
            ? token.LogProbability
            : throw new FormatException($"answered with token {token.Id} at position {position}, where {wanted} was given");
    }

    // [log-probability, id, text or null].
    private static TokenProbability Token(JsonElement told)
    {
        JsonElement[] parts = JsonReply.Items(told, "parts of a token");
        return parts.Length >= 2
            ? new TokenProbability(EngineReply.Id(parts[1]), EngineReply.LogProbability(parts[0]))
            : throw new FormatException($"answered {JsonReply.Shown(told)} instead of a log-probability and an id");
    }

    private static bool HasStopped(JsonElement reason) => JsonReply.Member(reason, "type").ToString() switch
    {
        "stop" => true,
        "length" => false,
        { } other => throw new FormatException($"ended a row for the reason \"{CallerText.Shown(other)}\": {JsonReply.Shown(reason)}"),
    };

    private static PolicyTokens Usage(JsonElement info) => new(
        EngineReply.Count(JsonReply.Member(info, "prompt_tokens")),
        EngineReply.CountOrZero(info, "cached_tokens"),
        EngineReply.Count(JsonReply.Member(info, "completion_tokens")));
}
