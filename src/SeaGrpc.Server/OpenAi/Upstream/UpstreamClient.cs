using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Polly;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.Server.OpenAi.Requests;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.OpenAi.Upstream;

/// <summary>
/// The backend that drafts come from. Requests that fail for a passing reason are made again (<see cref="HttpAttempts"/>).
/// </summary>
internal sealed class UpstreamClient : IDisposable
{
    private const int LongestReply = 64 << 20;

    private readonly UpstreamOptions? _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _attempts;

    /// <summary>Connects to nothing yet.</summary>
    public UpstreamClient(IOptions<OpenAiOptions> options, TimeProvider time)
    {
        _options = options.Value.Upstream;
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            MaxResponseContentBufferSize = LongestReply,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        _attempts = ResiliencePipeline<HttpResponseMessage>.Empty;
        if (_options is not null)
        {
            _client.BaseAddress = Base(new Uri(_options.Endpoint!));
            _client.DefaultRequestHeaders.Authorization =
                _options.ApiKey is { } key ? new AuthenticationHeaderValue("Bearer", key) : null;
            _attempts = HttpAttempts.Of(_options.Attempts);
        }
    }

    /// <summary>Its address, for messages.</summary>
    private string Address => _client.BaseAddress!.ToString().TrimEnd('/');

    /// <summary>Asks for drafts of one prompt. A backend that gives one at a time is asked several times.</summary>
    /// <param name="request">The caller's request.</param>
    /// <param name="prompt">Place of the prompt.</param>
    /// <param name="count">Number of drafts.</param>
    /// <param name="deadline">When drafts are too late; null for never.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="UpstreamException">It gave none.</exception>
    public async Task<UpstreamDrafts> DraftAsync(
        CompletionRequest request, int prompt, int count, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        TimeSpan patience = Patience(deadline);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(patience);
        try
        {
            string model = _options!.Model ?? request.Model.Model ?? await OnlyModelAsync(limited.Token);
            UpstreamDrafts first = await DraftAsync(request, model, prompt, count, 0, limited.Token);
            int missing = count - first.Drafts.Count;
            UpstreamDrafts[] further = await Task.WhenAll(
                Enumerable.Range(1, Math.Max(0, missing)).Select(offset => DraftAsync(request, model, prompt, 1, offset, limited.Token)));
            UpstreamDrafts[] all = [first, .. further];
            return new UpstreamDrafts(
                first.Model,
                [.. all.SelectMany(one => one.Drafts).Take(count).DistinctBy(draft => draft.Text)],
                first.PromptTokens,
                all.Sum(one => one.CompletionTokens));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpstreamException(
                new OpenAiError(
                    StatusCodes.Status504GatewayTimeout,
                    FormattableString.Invariant($"The backend at {Address} gave no drafts within {patience.TotalSeconds:0.###} s."),
                    OpenAiError.Timeout, null, "upstream_timeout"),
                isRefusal: false);
        }
    }

    /// <summary>The models that the backend lists.</summary>
    /// <exception cref="UpstreamException">It does not answer.</exception>
    public async Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(_options!.Timeout);
        return await AskAsync(token => _client.GetAsync("models", token), UpstreamReply.Models, limited.Token);
    }

    public void Dispose() => _client.Dispose();

    private static Uri Base(Uri endpoint) => new(
        endpoint.AbsolutePath == "/" ? new Uri(endpoint, "/v1/").ToString() : endpoint.ToString().TrimEnd('/') + "/");

    private TimeSpan Patience(DateTimeOffset? deadline)
    {
        TimeSpan left = deadline - _time.GetUtcNow() ?? TimeSpan.MaxValue;
        return left >= _options!.Timeout ? _options.Timeout : left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    private Task<UpstreamDrafts> DraftAsync(
        CompletionRequest request, string model, int prompt, int count, int offset, CancellationToken cancellationToken)
    {
        long? seed = request.HasSeed ? unchecked((long)request.Seed!.Value + offset) : null;
        ReadOnlyMemory<byte> body = UpstreamBody.Of(request, model, prompt, count, seed);
        return AskAsync(
            async token =>
            {
                using var content = new ReadOnlyMemoryContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                return await _client.PostAsync(request.IsChat ? "chat/completions" : "completions", content, token);
            },
            reply => UpstreamReply.Drafts(reply, model),
            cancellationToken);
    }

    private async Task<string> OnlyModelAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> models = await ModelsAsync(cancellationToken);
        return models is [var only]
            ? only
            : throw new UpstreamException(
                OpenAiError.Field(
                    "model", $"is required: the backend has {models.Count} models, {CallerText.Shown(string.Join(", ", models))}.",
                    "missing_required_parameter"),
                isRefusal: true);
    }

    private async Task<T> AskAsync<T>(
        Func<CancellationToken, Task<HttpResponseMessage>> ask, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _attempts.ExecuteAsync(async token => await ask(token), cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw Refused(response, body);
            }

            using JsonDocument reply = JsonDocument.Parse(body);
            return read(reply.RootElement);
        }
        catch (HttpRequestException unreachable)
        {
            throw Failed($"cannot be reached: {unreachable.Message}", "upstream_unreachable", unreachable);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException)
        {
            throw Failed(
                wrong is FormatException ? wrong.Message : $"answered something that is not JSON: {wrong.Message}", "upstream_malformed",
                wrong);
        }
    }

    private UpstreamException Refused(HttpResponseMessage response, byte[] body)
    {
        (string? message, string? type, string? param, string? code) = ReadError(body);
        int status = (int)response.StatusCode;
        string told = CallerText.Shown((message ?? response.ReasonPhrase ?? string.Empty).Trim());
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return Failed($"refuses the sidecar's key ({status}): {told}", "upstream_unauthorized", null);
        }

        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            return new UpstreamException(
                new OpenAiError(status, $"The backend at {Address} has too many requests: {told}", OpenAiError.RateLimit, null, code)
                {
                    RetryAfter = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1),
                },
                isRefusal: false);
        }

        return status is >= 400 and < 500 && !HttpAttempts.IsPassing(response.StatusCode)
            ? new UpstreamException(
                new OpenAiError(status, $"The backend refused the request: {told}", type ?? OpenAiError.InvalidRequest, param, code),
                isRefusal: true)
            : Failed($"answered {status}: {told}", "upstream_failed", null);
    }

    private static (string? Message, string? Type, string? Param, string? Code) ReadError(byte[] body)
    {
        try
        {
            using JsonDocument reply = JsonDocument.Parse(body);
            return UpstreamReply.Error(reply.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return (System.Text.Encoding.UTF8.GetString(body), null, null, null);
        }
    }

    private UpstreamException Failed(string problem, string code, Exception? cause) => new(
        new OpenAiError(
            StatusCodes.Status502BadGateway, $"The backend at {Address} {problem.TrimEnd('.')}.", OpenAiError.ServerError, null, code),
        isRefusal: false, cause);
}
