using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Bench.Engines;

/// <summary>
/// An engine in this process: a real Kestrel that speaks vLLM's dialect, answers with a policy, and takes the time that an engine of a
/// given speed would. Notes when it was busy with which request.
/// </summary>
internal sealed class SimulatedEngine : IAsyncDisposable
{
    private const string Model = "simulated";
    private const int MaxPositions = 100_000;

    private readonly WebApplication _app;
    private readonly IPolicy _policy;
    private readonly Tokenizer _tokenizer;
    private readonly SemaphoreSlim? _one;

    private SimulatedEngine(WebApplication app, IPolicy policy, Tokenizer tokenizer, EngineSpeed speed, bool alone)
    {
        _app = app;
        _policy = policy;
        _tokenizer = tokenizer;
        _one = alone ? new SemaphoreSlim(1) : null;
        Speed = speed;
    }

    /// <summary>Where it listens.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>How fast it is. May be changed between requests.</summary>
    public EngineSpeed Speed { get; set; }

    /// <summary>The requests that it has answered, in no order.</summary>
    public ConcurrentBag<EngineRequestTime> Served { get; } = [];

    /// <summary>Starts it on a free loopback port.</summary>
    /// <param name="policy">What answers; stays the caller's.</param>
    /// <param name="tokenizer">The policy's tokenizer.</param>
    /// <param name="speed">How fast it is.</param>
    /// <param name="alone">Whether the policy answers one request at a time.</param>
    /// <param name="http2">Whether it speaks HTTP/2, without TLS.</param>
    public static async Task<SimulatedEngine> StartAsync(
        IPolicy policy, Tokenizer tokenizer, EngineSpeed speed, bool alone, bool http2)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        WebApplication app = builder.Build();
        var engine = new SimulatedEngine(app, policy, tokenizer, speed, alone);
        app.Map("/{**path}", (RequestDelegate)engine.AnswerAsync);
        await app.StartAsync();
        return engine;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        long begun = Stopwatch.GetTimestamp();
        string path = context.Request.Path.Value!.TrimStart('/');
        var body = context.Request.Method == "POST"
            ? (JsonObject?)await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted)
            : null;
        JsonObject reply = path switch
        {
            "v1/models" => VllmReplies.Models(Model, MaxPositions),
            "tokenize" => new JsonObject { ["tokens"] = VllmReplies.Ids(_tokenizer.Encode((string)body!["prompt"]!)) },
            _ => await CompleteAsync(body!, context.RequestAborted),
        };
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(reply);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        if (path == "v1/completions")
        {
            Served.Add(new EngineRequestTime(VllmReplies.Ids(body!["prompt"]!), begun, Stopwatch.GetTimestamp(), Drawn(reply)));
        }
    }

    private async Task<JsonObject> CompleteAsync(JsonObject body, CancellationToken cancellationToken)
    {
        await (_one?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
        JsonObject reply;
        try
        {
            reply = await VllmReplies.CompleteAsync(_policy, Model, body);
        }
        finally
        {
            _one?.Release();
        }

        // What is read for its log-probabilities is read from its beginning; a drawn row's beginning is in the prefix cache.
        int read = body["prompt_logprobs"] is null ? 0 : body["prompt"]!.AsArray().Count;
        await Speed.SpendAsync(Drawn(reply), read, cancellationToken);
        return reply;
    }

    private static int Drawn(JsonObject reply) => (int)reply["usage"]!["completion_tokens"]!;
}

/// <summary>A request that was answered.</summary>
/// <param name="Ids">The row that it was given.</param>
/// <param name="Begun">When it arrived, in <see cref="Stopwatch"/>'s ticks.</param>
/// <param name="Ended">When it was answered.</param>
/// <param name="Drawn">Tokens that it drew.</param>
internal sealed record EngineRequestTime(int[] Ids, long Begun, long Ended, int Drawn);
