using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SeaGrpc.Cli.Tests.Hub;

/// <summary>A Hub: its API and small files at one address, large files behind a redirect to another, as the real one has them.</summary>
internal sealed class HubServer : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private const int LargeBytes = 4096;

    private readonly WebApplication _app;
    private readonly IReadOnlyDictionary<string, byte[]> _files;
    private int _cuts;

    private HubServer(WebApplication app, IReadOnlyDictionary<string, byte[]> files) => (_app, _files) = (app, files);

    /// <summary>Its address, for HF_ENDPOINT.</summary>
    public string Endpoint => _app.Urls.First();

    /// <summary>Where the content of large files is.</summary>
    private string Content => _app.Urls.Last();

    /// <summary>How many replies with weights end in their middle.</summary>
    public int Cuts { get => _cuts; init => _cuts = value; }

    /// <summary>Whether weights arrive with another content than their hash names.</summary>
    public bool Damages { get; init; }

    /// <summary>What the API answers instead of the list of files, and the code that it gives.</summary>
    public (int Status, string Code)? Refusal { get; init; }

    /// <summary>The content that was asked for: the file's name and the range.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>The headers "authorization" of the API's calls, and of those for large files.</summary>
    public ConcurrentQueue<(bool IsApi, string Authorization)> Tokens { get; } = new();

    /// <summary>Starts it.</summary>
    /// <param name="files">The files of the model org/name.</param>
    /// <param name="configure">Sets how it behaves.</param>
    public static async Task<HubServer> StartAsync(
        IReadOnlyDictionary<string, byte[]> files, Func<HubServer, HubServer>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        WebApplication app = builder.Build();
        HubServer server = new HubServer(app, files);
        server = configure?.Invoke(server) ?? server;
        app.MapGet("/api/models/org/name/revision/{revision}", server.ListAsync);
        app.MapMethods("/org/name/resolve/{commit}/{file}", ["GET", "HEAD"], server.ResolveAsync);
        app.MapGet("/content/{file}", server.SendAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>A copy of it that behaves otherwise.</summary>
    public HubServer With(int cuts = 0, bool damages = false, (int Status, string Code)? refusal = null) =>
        new(_app, _files) { Cuts = cuts, Damages = damages, Refusal = refusal };

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ListAsync(HttpContext context)
    {
        Tokens.Enqueue((true, context.Request.Headers.Authorization.ToString()));
        if (Refusal is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            context.Response.Headers["X-Error-Code"] = refusal.Code;
            return;
        }

        await context.Response.WriteAsJsonAsync(new { sha = Commit, siblings = _files.Keys.Select(name => new { rfilename = name }) });
    }

    private async Task ResolveAsync(HttpContext context, string commit, string file)
    {
        Assert.Equal(Commit, commit);
        byte[] content = _files[file];
        HttpResponse response = context.Response;
        if (content.Length < LargeBytes)
        {
            byte[] blob = [.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content];
            response.Headers.ETag = $"\"{Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, blob))}\"";
            response.ContentLength = content.Length;
            if (HttpMethods.IsGet(context.Request.Method))
            {
                Asked.Enqueue(file);
                await response.Body.WriteAsync(content);
            }

            return;
        }

        response.Headers["X-Linked-Etag"] = $"\"{Sha256(content)}\"";
        response.Headers["X-Linked-Size"] = content.Length.ToString();
        response.Redirect($"{Content}/content/{file}");
    }

    private async Task SendAsync(HttpContext context, string file)
    {
        Tokens.Enqueue((false, context.Request.Headers.Authorization.ToString()));
        bool isWeights = file.EndsWith(".safetensors", StringComparison.Ordinal);
        byte[] content = Damages && isWeights ? new byte[_files[file].Length] : _files[file];
        long from = context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
        Asked.Enqueue($"{file} from {from}");
        HttpResponse response = context.Response;
        if (from > 0)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        byte[] rest = content[(int)from..];
        if (isWeights && Interlocked.Decrement(ref _cuts) >= 0)
        {
            // Without a length the half of it is a whole reply.
            await response.Body.WriteAsync(rest.AsMemory(0, rest.Length / 2));
            return;
        }

        response.ContentLength = rest.Length;
        await response.Body.WriteAsync(rest);
    }
}
