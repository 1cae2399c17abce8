using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// llama.cpp's server, POST /completion: prompts are ids. It tells log-probabilities of the tokens that it draws, before any sampler, and
/// the likeliest tokens in their places, but none of given tokens.
/// </summary>
/// <remarks>
/// It tells nothing of a token that is only part of a character, so that a row with such a token counts as not drawn. Stop strings are not
/// passed on: where one ends a row, the log-probabilities of its last tokens are missing.
/// </remarks>
internal sealed class LlamaCppCompletion : IEngineApi
{
    public bool ReadsRows => false;

    public bool TellsDraws => true;

    public string ModelPath => "props";

    public EngineModel Model(JsonElement reply, string? wanted)
    {
        string path = JsonReply.Member(reply, "model_path").ToString();
        string name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        if (wanted is not null && wanted != name && wanted != path)
        {
            throw new FormatException($"does not serve {CallerText.Shown(wanted)}, but {CallerText.Shown(name)}");
        }

        long longest = reply.TryGetProperty("default_generation_settings", out JsonElement settings)
            ? EngineReply.CountOrZero(settings, "n_ctx")
            : 0;
        return new EngineModel(name, path, longest is > 0 and <= int.MaxValue ? (int)longest : null);
    }

    public EngineRequest Tokenize(string text, string? model) =>
        new("tokenize", new JsonObject { ["content"] = text, ["add_special"] = false, ["parse_special"] = false });

    public EngineRequest Continue(RowToContinue row, TokenDrawing drawing, string? model) => new("completion", new JsonObject
    {
        ["prompt"] = EngineReply.Ids(row.Ids),
        ["n_predict"] = drawing.MaxTokens,
        ["temperature"] = drawing.Temperature,
        ["top_k"] = drawing.TopK,
        ["samplers"] = new JsonArray("top_k", "temperature"),
        ["seed"] = (uint)(row.Seed ^ (row.Seed >> 32)) & int.MaxValue,
        ["logit_bias"] = new JsonArray([.. drawing.Forbidden.Select(id => new JsonArray(id, false))]),
        ["n_probs"] = Math.Max(1, drawing.Alternatives),
        ["post_sampling_probs"] = false,
        ["return_tokens"] = true,
        ["cache_prompt"] = true,
        ["stream"] = false,
    });

    public EngineDraw Drawn(JsonElement reply, TokenDrawing drawing)
    {
        int[] tokens = EngineReply.Ids(JsonReply.Member(reply, "tokens"));
        JsonElement[] told = JsonReply.Items(JsonReply.Member(reply, "completion_probabilities"), "log-probabilities");
        if (told.Length < tokens.Length)
        {
            throw new PartOfCharacterException();
        }

        if (told.Length != tokens.Length)
        {
            throw new FormatException($"answered with {told.Length} log-probabilities of {tokens.Length} tokens");
        }

        float[] own = [.. told.Select((one, at) => Token(one) is var token && token.Id == tokens[at]
            ? token.LogProbability
            : throw new FormatException($"answered with the log-probability of token {token.Id}, where {tokens[at]} was drawn"))];
        TokenProbability[][] alternatives = drawing.Alternatives == 0
            ? [.. tokens.Select(_ => Array.Empty<TokenProbability>())]
            : [.. told.Select(one => EngineReply.Likeliest(
                [.. JsonReply.Items(JsonReply.Member(one, "top_logprobs"), "alternatives").Select(Token)], drawing.Alternatives))];
        return new EngineDraw(tokens, own, alternatives, HasStopped(reply), Usage(reply));
    }

    public EngineRequest Read(RowToRead row, int alternatives, string? model) =>
        throw new NotSupportedException("llama.cpp tells no log-probabilities of given tokens.");

    public EngineReading Read(JsonElement reply, RowToRead row, int alternatives) =>
        throw new NotSupportedException("llama.cpp tells no log-probabilities of given tokens.");

    private static TokenProbability Token(JsonElement told) => new(
        EngineReply.Id(JsonReply.Member(told, "id")), EngineReply.LogProbability(JsonReply.Member(told, "logprob")));

    private static bool HasStopped(JsonElement reply) => JsonReply.Member(reply, "stop_type").ToString() switch
    {
        "eos" => true,
        "limit" => false,
        { } other => throw new FormatException($"ended a row for the reason \"{CallerText.Shown(other)}\""),
    };

    private static PolicyTokens Usage(JsonElement reply) => new(
        EngineReply.Count(JsonReply.Member(reply, "tokens_evaluated")),
        reply.TryGetProperty("timings", out JsonElement timings) ? EngineReply.CountOrZero(timings, "cache_n") : 0,
        EngineReply.Count(JsonReply.Member(reply, "tokens_predicted")));
}
