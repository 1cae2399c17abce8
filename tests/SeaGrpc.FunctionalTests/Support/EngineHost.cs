using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Bench.Engines;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>
/// An engine outside the server: a real Kestrel that speaks the dialect of vLLM, SGLang or llama.cpp and answers with a loaded model.
/// </summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly PolicyModel _model;
    private readonly LocalPolicy _policy;
    private readonly EngineKind _kind;
    private readonly SemaphoreSlim _one = new(1);
    private RewardHost? _host;
    private int _requests;

    private EngineHost(EngineKind kind, PolicyModel model)
    {
        _kind = kind;
        _model = model;
        _policy = new LocalPolicy(model);
    }

    public string Address => _host!.Address;

    /// <summary>What it was asked to generate or read, in the order of arrival.</summary>
    public ConcurrentQueue<JsonObject> Asked { get; } = [];

    /// <summary>Header authorization of every request.</summary>
    public ConcurrentQueue<string?> Keys { get; } = [];

    /// <summary>Number of all requests.</summary>
    public int Requests => _requests;

    /// <summary>The connections that they came on.</summary>
    public ConcurrentDictionary<string, string> Connections { get; } = [];

    /// <summary>The name of its model.</summary>
    public string Name { get; set; } = "tiny";

    /// <summary>An answer in place of its own, by the path and the request's number from 1; null for its own.</summary>
    public Func<string, int, IResult?> Instead { get; set; } = (_, _) => null;

    /// <summary>Called before it computes.</summary>
    public Func<string, CancellationToken, Task> OnCall { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Changes an answer before it is sent.</summary>
    public Func<string, JsonObject, JsonNode> Spoil { get; set; } = (_, reply) => reply;

    /// <summary>What is added in front of a text before it becomes ids.</summary>
    public string TokenizerQuirk { get; set; } = "";

    /// <summary>Whether it tells log-probabilities after temperature, as a vLLM does with --logprobs-mode processed_logprobs.</summary>
    public bool TellsProcessed { get; set; }

    /// <summary>Whether nothing is told of tokens that are parts of characters, as llama.cpp does.</summary>
    public bool HidesParts { get; set; }

    /// <summary>Starts it.</summary>
    /// <param name="kind">Its dialect.</param>
    /// <param name="model">Its model; it stays the caller's.</param>
    /// <param name="port">Its port; 0 for a free one.</param>
    /// <param name="http2">Whether it speaks HTTP/2, without TLS.</param>
    public static async Task<EngineHost> StartAsync(EngineKind kind, PolicyModel model, int port = 0, bool http2 = false)
    {
        var engine = new EngineHost(kind, model);
        engine._host = await RewardHost.StartHttpAsync(
            app => app.Map("/{**path}", (RequestDelegate)engine.AnswerAsync), port, http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        return engine;
    }

    /// <summary>Ends at once, in the middle of what is under way.</summary>
    public Task KillAsync() => _host!.KillAsync();

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        int number = Interlocked.Increment(ref _requests);
        Keys.Enqueue(context.Request.Headers.Authorization);
        Connections[context.Connection.Id] = context.Request.Protocol;
        string path = context.Request.Path.Value!.TrimStart('/');
        JsonObject? body = context.Request.Method == "POST" ? (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))! : null;
        await OnCall(path, context.RequestAborted);
        if (Instead(path, number) is { } other)
        {
            await other.ExecuteAsync(context);
            return;
        }

        // The model is one thread's at a time.
        await _one.WaitAsync();
        try
        {
            await Results.Text(Spoil(path, Reply(path, body)).ToJsonString(), "application/json").ExecuteAsync(context);
        }
        finally
        {
            _one.Release();
        }
    }

    private JsonObject Reply(string path, JsonObject? body)
    {
        switch (path)
        {
            case "v1/models":
                return VllmReplies.Models(Name, 128);
            case "get_model_info":
                return new JsonObject { ["model_path"] = Name, ["tokenizer_path"] = Name, ["is_generation"] = true };
            case "props":
                return new JsonObject
                {
                    ["default_generation_settings"] = new JsonObject { ["n_ctx"] = 128 },
                    ["total_slots"] = 4,
                    ["model_path"] = $"/models/{Name}",
                };
            case "tokenize":
                int[] ids = _model.Tokenizer.Encode(TokenizerQuirk + (string)(body!["prompt"] ?? body["content"])!);
                return new JsonObject { ["count"] = ids.Length, ["max_model_len"] = 128, ["tokens"] = VllmReplies.Ids(ids) };
            default:
                Asked.Enqueue((JsonObject)body!.DeepClone());
                return _kind switch
                {
                    EngineKind.Vllm => VllmReplies.CompleteAsync(_policy, Name, body, Told).Result,
                    EngineKind.Sglang => Generate(body),
                    _ => Predict(body),
                };
        }
    }

    private JsonObject Generate(JsonObject body)
    {
        int[] prompt = VllmReplies.Ids(body["input_ids"]!);
        var sampling = (JsonObject)body["sampling_params"]!;
        DrawnTokens drawn = Draw(
            prompt, (int)sampling["max_new_tokens"]!, (double)sampling["temperature"]!, (int)sampling["top_k"]!, 0, 7,
            sampling["stop_token_ids"], sampling["logit_bias"], sampling["stop"]);
        bool hasMetStop = !drawn.HasEnded && drawn.Tokens.Count < (int)sampling["max_new_tokens"]!;
        var info = new JsonObject
        {
            ["id"] = "1",
            ["finish_reason"] = drawn.HasEnded
                ? new JsonObject { ["type"] = "stop", ["matched"] = drawn.Tokens[^1] }
                : hasMetStop ? new JsonObject { ["type"] = "stop", ["matched"] = (string)sampling["stop"]![0]! }
                : new JsonObject { ["type"] = "length", ["length"] = drawn.Tokens.Count },
            ["prompt_tokens"] = prompt.Length,
            ["completion_tokens"] = drawn.Tokens.Count,
            ["cached_tokens"] = 1,
        };
        if ((bool?)body["return_logprob"] == true)
        {
            int start = (int)body["logprob_start_len"]!;
            int told = (int)body["top_logprobs_num"]!;
            ReadTokens read = _policy.ReadAsync([new RowToRead(prompt, start + 1)], told, default).Result.Rows[0];
            info["input_token_logprobs"] = new JsonArray(
            [
                new JsonArray(null, prompt[start], null),
                .. read.LogProbabilities.Select((value, at) => (JsonNode)new JsonArray((double)value, prompt[start + 1 + at], null)),
            ]);
            if (told > 0)
            {
                info["input_top_logprobs"] = new JsonArray(
                [
                    null,
                    .. read.Alternatives.Select(position => (JsonNode)new JsonArray(
                        [.. position.Select(one => (JsonNode)new JsonArray((double)one.LogProbability, one.Id, null))])),
                ]);
            }
        }

        return new JsonObject
        {
            ["text"] = _model.Tokenizer.Decode(drawn.Tokens),
            ["output_ids"] = VllmReplies.Ids(drawn.Tokens),
            ["meta_info"] = info,
        };
    }

    private JsonObject Predict(JsonObject body)
    {
        int[] prompt = VllmReplies.Ids(body["prompt"]!);
        DrawnTokens drawn = Draw(
            prompt, (int)body["n_predict"]!, (double)body["temperature"]!, (int)body["top_k"]!, (int)body["n_probs"]!,
            (ulong)(long)body["seed"]!, stops: null, body["logit_bias"]);
        JsonObject Token(TokenProbability one) => new()
        {
            ["id"] = one.Id,
            ["token"] = _model.Tokenizer.Decode([one.Id]),
            ["bytes"] = new JsonArray(),
            ["logprob"] = (double)one.LogProbability,
        };
        List<JsonNode> told = [];
        for (int at = 0; at < drawn.Tokens.Count; at++)
        {
            if (!HidesParts || !_model.Tokenizer.Decode(drawn.Tokens.Take(at + 1)).EndsWith('\uFFFD'))
            {
                JsonObject one = Token(new TokenProbability(drawn.Tokens[at], drawn.LogProbabilities[at]));
                one["top_logprobs"] = new JsonArray([.. drawn.Alternatives[at].Select(Token)]);
                told.Add(one);
            }
        }

        return new JsonObject
        {
            ["index"] = 0,
            ["content"] = _model.Tokenizer.Decode(drawn.Tokens),
            ["tokens"] = VllmReplies.Ids(drawn.Tokens),
            ["stop"] = true,
            ["tokens_predicted"] = drawn.Tokens.Count,
            ["tokens_evaluated"] = prompt.Length,
            ["truncated"] = false,
            ["stop_type"] = drawn.HasEnded ? "eos" : "limit",
            ["stopping_word"] = "",
            ["tokens_cached"] = prompt.Length + drawn.Tokens.Count - 1,
            ["timings"] = new JsonObject { ["cache_n"] = 2 },
            ["completion_probabilities"] = new JsonArray([.. told]),
        };
    }

    private DrawnTokens Draw(
        int[] prompt, int most, double temperature, int topK, int told, ulong seed, JsonNode? stops, JsonNode? biases,
        JsonNode? texts = null)
    {
        IReadOnlyList<int> forbidden = biases switch
        {
            JsonObject byId => [.. byId.Select(one => int.Parse(one.Key))],
            JsonArray pairs => [.. pairs.Select(pair => (int)pair![0]!)],
            _ => [],
        };
        IReadOnlySet<int> ends = stops is null ? _model.Tokenizer.EosIds : VllmReplies.Ids(stops).ToHashSet();
        var drawing = new TokenDrawing(most, temperature, Math.Max(0, topK), told, ends, forbidden)
        {
            Stops = [.. texts?.AsArray().Select(text => (string)text!) ?? []],
        };
        return _policy.ContinueAsync([new RowToContinue(prompt, seed)], drawing, default).Result.Rows[0];
    }

    private double Told(float logProbability, double temperature) =>
        TellsProcessed && temperature > 0 ? logProbability / temperature : logProbability;
}
