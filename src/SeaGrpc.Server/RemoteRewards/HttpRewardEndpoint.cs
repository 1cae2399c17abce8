using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Polly;
using Polly.Retry;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>
/// A reward over HTTP. Requests that fail for a passing reason (no connection, 408, 429, 5xx) are made again, with growing pauses or after
/// the time that the server names.
/// </summary>
internal sealed class HttpRewardEndpoint : IRewardEndpoint
{
    private const int LongestReply = 64 << 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly RewardOptions _options;
    private readonly int _batch;
    private readonly IHttpRewardApi _api;
    private readonly ConversationText _text;
    private readonly LabelReading? _label;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _attempts;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="api">What the server takes and answers.</param>
    /// <param name="batch">Maximum number of texts in one request.</param>
    /// <exception cref="InvalidDataException">The setting Template names a folder without a template.</exception>
    public HttpRewardEndpoint(string name, RewardOptions options, IHttpRewardApi api, int batch)
    {
        _name = name;
        _options = options;
        _batch = batch;
        _api = api;
        _text = ConversationText.Load(options.Template);
        _label = options.Label is null ? null : LabelReading.Parse(options.Label);
        Address = options.Endpoint!;
        _client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            BaseAddress = new Uri(Address.TrimEnd('/') + "/"),
            MaxResponseContentBufferSize = LongestReply,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.ApiKey is { } key)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _attempts = options.Attempts == 1 ? ResiliencePipeline<HttpResponseMessage>.Empty : Retrying(options.Attempts - 1);
    }

    public string Address { get; }

    public async Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
    {
        string[] texts;
        try
        {
            texts = [.. prompts.SelectMany(prompt => prompt.Responses.Select(response => _text.Of(prompt.Messages, response.Text)))];
        }
        catch (ChatTemplateException rejected)
        {
            throw Failed($"cannot be asked, because its chat template rejects the conversation: {rejected.Message}", true, rejected);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.Timeout);
        try
        {
            double[][] batches = await Task.WhenAll(texts.Chunk(_batch).Select(batch => AskAsync(batch, patience.Token)));
            return [.. batches.SelectMany(batch => batch)];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed($"did not answer within {_options.Timeout.TotalSeconds:0.###} s.");
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<double[]> AskAsync(string[] texts, CancellationToken cancellationToken)
    {
        string request = _api.Request(texts, _options.Model, _text.HasTemplate).ToJsonString();
        try
        {
            using HttpResponseMessage response = await _attempts.ExecuteAsync(
                async token => await PostAsync(request, token), cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw Failed(
                    $"answered {(int)response.StatusCode} {response.ReasonPhrase}: {CallerText.Shown(body.Trim())}",
                    isRefusal: IsRefusal(response.StatusCode));
            }

            using JsonDocument reply = JsonDocument.Parse(body);
            return [.. _api.Rewards(reply.RootElement, texts.Length, _label)];
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

    // With its length, since not every server reads a body in chunks.
    private async Task<HttpResponseMessage> PostAsync(string request, CancellationToken cancellationToken)
    {
        using var content = new StringContent(request, Encoding.UTF8, "application/json");
        return await _client.PostAsync(_api.Path, content, cancellationToken);
    }

    private RewardFailedException Failed(
        string problem, bool isMalformed = false, Exception? cause = null, bool isRefusal = false) =>
        new(_name, Address, problem, isMalformed, cause) { IsRefusal = isRefusal };

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

    private static bool IsRefusal(HttpStatusCode status) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity;

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
