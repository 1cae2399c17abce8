using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polly;
using SeaGrpc.Alignment;

namespace SeaGrpc.Server.Outside;

/// <summary>
/// JSON over HTTP to another server, on connections that are kept. Requests that fail for a passing reason are made again
/// (<see cref="HttpAttempts"/>). Thread-safe.
/// </summary>
internal sealed class JsonHttp : IDisposable
{
    private const int LongestReply = 256 << 20;

    /// <summary>uvicorn and cpp-httplib close a connection after 5 s without a request, perhaps while one is on its way.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(4);

    private readonly HttpPeer _peer;
    private readonly Func<HttpProblem, OutsideFailedException> _failure;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _attempts;
    private int _connects;
    private int _losses;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="peer">The server.</param>
    /// <param name="failure">Makes the exception of a problem.</param>
    public JsonHttp(HttpPeer peer, Func<HttpProblem, OutsideFailedException> failure)
    {
        _peer = peer;
        _failure = failure;
        _client = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = IdleTime,
            MaxConnectionsPerServer = peer.Connections,
            EnableMultipleHttp2Connections = true,
            ConnectCallback = ConnectAsync,
        })
        {
            BaseAddress = new Uri(peer.Address.TrimEnd('/') + "/"),
            MaxResponseContentBufferSize = LongestReply,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = peer.SpeaksHttp2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        };
        if (peer.ApiKey is { } key)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _attempts = HttpAttempts.Of(peer.Attempts);
    }

    /// <summary>The server's address.</summary>
    public string Address => _peer.Address;

    /// <summary>Number of connections made so far. One more may lead to another process than before.</summary>
    public int Connects => Volatile.Read(ref _connects);

    /// <summary>Number of requests so far that found no server, or lost it.</summary>
    public int Losses => Volatile.Read(ref _losses);

    /// <summary>Posts a request.</summary>
    /// <param name="path">The path under the address.</param>
    /// <param name="request">The request.</param>
    /// <param name="read">Reads the reply.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OutsideFailedException">The server did not answer, or not so.</exception>
    public Task<T> PostAsync<T>(string path, JsonObject request, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(request);
        return AskAsync(token => PostAsync(path, body, token), read, cancellationToken);
    }

    /// <summary>Gets what is at a path.</summary>
    /// <param name="path">The path under the address.</param>
    /// <param name="read">Reads the reply.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OutsideFailedException">The server did not answer, or not so.</exception>
    public Task<T> GetAsync<T>(string path, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        AskAsync(token => _client.GetAsync(path, token), read, cancellationToken);

    /// <summary>Makes requests that belong together, within the server's time.</summary>
    /// <param name="ask">Makes them.</param>
    /// <param name="cancellationToken">Stops them.</param>
    /// <exception cref="OutsideFailedException">The server did not answer in time, or not as it must.</exception>
    public async Task<T> WithinTimeoutAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_peer.Timeout);
        try
        {
            return await ask(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw _failure(new HttpProblem($"did not answer within {_peer.Timeout.TotalSeconds:0.###} s."));
        }
    }

    public void Dispose() => _client.Dispose();

    // With its length: not every server takes a body in chunks.
    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        return await _client.PostAsync(path, content, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(
        Func<CancellationToken, Task<HttpResponseMessage>> ask, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _attempts.ExecuteAsync(
                async token => await CountedAsync(ask, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                string told = CallerText.Shown(Encoding.UTF8.GetString(body).Trim());
                throw _failure(new HttpProblem(
                    $"answered {(int)response.StatusCode} {response.ReasonPhrase}: {told}", response.StatusCode));
            }

            using JsonDocument reply = JsonDocument.Parse(body);
            return read(reply.RootElement);
        }
        catch (HttpRequestException failure)
        {
            throw _failure(HttpAttempts.IsTooLong(failure)
                ? new HttpProblem($"answered with more than {LongestReply >> 20} MiB.", IsMalformed: true, Cause: failure)
                : new HttpProblem($"cannot be reached: {failure.Message}", Cause: failure));
        }
        catch (JsonException damaged)
        {
            throw _failure(new HttpProblem(
                $"answered something that is not JSON: {damaged.Message}", IsMalformed: true, Cause: damaged));
        }
        catch (FormatException wrong)
        {
            throw _failure(new HttpProblem($"{wrong.Message.TrimEnd('.')}.", IsMalformed: true, Cause: wrong));
        }
    }

    private async Task<HttpResponseMessage> CountedAsync(
        Func<CancellationToken, Task<HttpResponseMessage>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException failure) when (!HttpAttempts.IsTooLong(failure))
        {
            Interlocked.Increment(ref _losses);
            throw;
        }
    }

    // As without a callback, and counted.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _connects);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
