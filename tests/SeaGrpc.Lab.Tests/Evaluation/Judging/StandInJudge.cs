using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SeaGrpc.Lab.Tests.Evaluation.Judging;

/// <summary>
/// Serves the chat API on a real socket and plays its answers from a script. A stand-in only because no judge model can run in a test;
/// the client, HTTP and JSON are the real ones.
/// </summary>
public sealed class StandInJudge : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StandInJudge(WebApplication app, ConcurrentQueue<JsonElement> requests, ConcurrentQueue<string?> keys) =>
        (_app, Requests, Keys) = (app, requests, keys);

    public Uri Endpoint => new(_app.Urls.Single() + "/v1");

    /// <summary>The bodies of the requests so far.</summary>
    public ConcurrentQueue<JsonElement> Requests { get; }

    /// <summary>Their authorization headers.</summary>
    public ConcurrentQueue<string?> Keys { get; }

    /// <summary>Starts it; each request takes the next step of the script, and the last step repeats.</summary>
    public static async Task<StandInJudge> StartAsync(params Func<HttpContext, Task>[] script)
    {
        var requests = new ConcurrentQueue<JsonElement>();
        var keys = new ConcurrentQueue<string?>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        int step = -1;
        app.MapPost("/v1/chat/completions", async (HttpContext context) =>
        {
            requests.Enqueue(await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body));
            keys.Enqueue(context.Request.Headers.Authorization);
            await script[Math.Min(Interlocked.Increment(ref step), script.Length - 1)](context);
        });
        await app.StartAsync();
        return new StandInJudge(app, requests, keys);
    }

    /// <summary>A step that answers with a text.</summary>
    public static Func<HttpContext, Task> Says(string text) => context => context.Response.WriteAsJsonAsync(new
    {
        id = "1",
        @object = "chat.completion",
        created = 1,
        model = "judge",
        choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
    });

    /// <summary>A step that answers with a status.</summary>
    public static Func<HttpContext, Task> Fails(int status) => async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync("""{"error": {"message": "scripted"}}""");
    };

    /// <summary>A step that never answers.</summary>
    public static Func<HttpContext, Task> Hangs() => context => Task.Delay(Timeout.Infinite, context.RequestAborted);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
