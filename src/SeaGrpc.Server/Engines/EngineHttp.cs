using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Polly;
using Polly.Retry;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// JSON over HTTP to an engine, on connections that are kept. Requests that fail for a passing reason (no connection, 408, 429, 5xx) are
/// made again, with growing pauses or after the time that the engine names.
/// </summary>
internal sealed class EngineHttp : IDisposable
{
    private const int LongestReply = 256 << 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _attempts;
    private readonly Func<CancellationToken, Task> _verify;
    private volatile bool _hasLost;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="options">The engine's settings.</param>
    /// <param name="verify">
    /// Called before the first reply after a lost connection counts, since a restarted engine may serve another model. What it throws is
    /// thrown instead.
    /// </param>
    public EngineHttp(PolicyEngineOptions options, Func<CancellationToken, Task> verify)
    {
        _verify = verify;
        Address = options.Endpoint!;
        _client = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = options.Connections,
            EnableMultipleHttp2Connections = true,
        })
        {
            BaseAddress = new Uri(Address.TrimEnd('/') + "/"),
            MaxResponseContentBufferSize = LongestReply,
            Timeout = Timeout.InfiniteTimeSpan,
            // HTTP/2 where TLS negotiates it.
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (options.ApiKey is { } key)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _attempts = options.Attempts == 1 ? ResiliencePipeline<HttpResponseMessage>.Empty : Retrying(options.Attempts - 1);
    }

    /// <summary>The engine's address.</summary>
    public string Address { get; }

    /// <summary>Posts a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="read">Reads the reply.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="PolicyFailedException">The engine did not answer, or not so.</exception>
    public async Task<T> PostAsync<T>(EngineRequest request, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        T reply = await AskAsync(
            token => PostAsync(request, token), read, cancellationToken).ConfigureAwait(false);
        if (_hasLost)
        {
            await _verify(cancellationToken).ConfigureAwait(false);
            _hasLost = false;
        }

        return reply;
    }

    /// <summary>Gets what is at a path.</summary>
    /// <param name="path">The path under the address.</param>
    /// <param name="read">Reads the reply.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="PolicyFailedException">The engine did not answer, or not so.</exception>
    public Task<T> GetAsync<T>(string path, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        AskAsync(token => _client.GetAsync(path, token), read, cancellationToken);

    public void Dispose() => _client.Dispose();

    // With its length: not every engine takes a body in chunks.
    private async Task<HttpResponseMessage> PostAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        using var body = new StringContent(request.Body.ToJsonString(), Encoding.UTF8, "application/json");
        return await _client.PostAsync(request.Path, body, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(
        Func<CancellationToken, Task<HttpResponseMessage>> ask, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _attempts.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        return await ask(token).ConfigureAwait(false);
                    }
                    catch (HttpRequestException)
                    {
                        _hasLost = true;
                        throw;
                    }
                },
                cancellationToken).ConfigureAwait(false);
            string body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                // The same request will be refused again.
                bool isRefused = response.StatusCode < HttpStatusCode.InternalServerError && !IsPassing(response.StatusCode);
                throw new PolicyFailedException(
                    Address, $"answered {(int)response.StatusCode} {response.ReasonPhrase}: {CallerText.Shown(body.Trim())}", isRefused)
                {
                    IsRefusal = isRefused,
                };
            }

            using JsonDocument reply = JsonDocument.Parse(body);
            return read(reply.RootElement);
        }
        catch (HttpRequestException unreachable)
        {
            throw Failed($"cannot be reached: {unreachable.Message}", cause: unreachable);
        }
        catch (JsonException damaged)
        {
            throw Failed($"answered something that is not JSON: {damaged.Message}", true, damaged);
        }
        catch (FormatException wrong)
        {
            throw Failed($"{wrong.Message.TrimEnd('.')}.", true, wrong);
        }
    }

    private PolicyFailedException Failed(string problem, bool isMalformed = false, Exception? cause = null) =>
        new(Address, problem, isMalformed, cause);

    private static ResiliencePipeline<HttpResponseMessage> Retrying(int retries) => new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = retries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = FirstPause,
            MaxDelay = LongestPause,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                .Handle<HttpRequestException>()
                .HandleResult(response => IsPassing(response.StatusCode)),
            DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.Headers.RetryAfter?.Delta),
        })
        .Build();

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
