using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>Answers StreamAlign with recorded bytes: what no real server does on demand.</summary>
internal sealed class ReplayServer : IAsyncDisposable
{
    private const int MaxRequestBytes = 64 * 1024 * 1024;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, List<long>> _attempts = new();

    private ReplayServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public static async Task<ReplayServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        WebApplication app = builder.Build();
        var server = new ReplayServer(app);
        app.MapPost("/sea.v1.AlignmentService/StreamAlign", server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>When each attempt with this request_id came, in ticks of the stopwatch.</summary>
    public IReadOnlyList<long> Attempts(string requestId) => _attempts.GetValueOrDefault(requestId) ?? [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        const int headerBytes = 5;
        string name = StreamAlignRequest.Parser.ParseFrom(body.GetBuffer(), headerBytes, (int)body.Length - headerBytes).Spec.RequestId;
        List<long> attempts = _attempts.GetOrAdd(name, _ => []);
        attempts.Add(Stopwatch.GetTimestamp());
        ReplayScript script = ReplayScripts.Of(name, attempts.Count);
        http.Response.ContentType = "application/grpc";
        await http.Response.StartAsync();
        foreach (byte[] frame in script.Frames)
        {
            await http.Response.Body.WriteAsync(frame);
            await http.Response.Body.FlushAsync();
        }

        if (script.Hangs)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        Finish(http.Response, script.Error);
    }

    private static void Finish(HttpResponse response, RpcException? error)
    {
        response.AppendTrailer("grpc-status", ((int)(error?.StatusCode ?? StatusCode.OK)).ToString(CultureInfo.InvariantCulture));
        if (error is not null)
        {
            response.AppendTrailer("grpc-message", Uri.EscapeDataString(error.Status.Detail));
            foreach (Metadata.Entry entry in error.Trailers)
            {
                response.AppendTrailer(entry.Key, entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value);
            }
        }
    }
}
