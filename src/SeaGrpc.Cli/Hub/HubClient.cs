using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace SeaGrpc.Cli.Hub;

/// <summary>The Hub's HTTP API, as far as downloading a model needs it.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MaximumRedirects = 5;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(60);

    private readonly HubSettings _settings;
    private readonly HttpClient _http;

    /// <summary>Asks nothing yet.</summary>
    public HubClient(HubSettings settings)
    {
        _settings = settings;
        // Redirects are followed here: the token is for the Hub alone, and the headers that tell of a file are those before the redirect.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectTimeout })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("seagrpc", null));
    }

    /// <summary>The commit of a revision, and the names of its files.</summary>
    /// <exception cref="CliException">There is no such model, or it may not be read.</exception>
    /// <exception cref="HubException">The Hub did not answer.</exception>
    public async Task<(string Commit, IReadOnlyCollection<string> Files)> ListAsync(HubModel model, CancellationToken cancellation)
    {
        using HttpResponseMessage reply =
            await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, Address($"api/models/{model.Id}/revision/{model.Revision}")),
                _ => true, cancellation);
        ThrowIfRefused(reply, model, null);
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(
                await reply.Content.ReadAsStreamAsync(cancellation), default, cancellation);
            string? commit = body.RootElement.GetProperty("sha").GetString();
            string?[] names =
                [.. body.RootElement.GetProperty("siblings").EnumerateArray().Select(file => file.GetProperty("rfilename").GetString())];
            return commit is { Length: > 0 } && commit.All(char.IsAsciiLetterOrDigit)
                ? (commit, [.. names.OfType<string>()])
                : throw new KeyNotFoundException();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CliException(
                $"{_settings.Endpoint} does not answer as the Hub does: what it says of {model} is no list of files. Check HF_ENDPOINT.",
                ExitCodes.Failure, error);
        }
    }

    /// <summary>What the Hub says of one file, without its content.</summary>
    /// <exception cref="CliException">It may not be read.</exception>
    /// <exception cref="HubException">The Hub did not answer.</exception>
    public async Task<HubFile> DescribeAsync(HubModel model, string commit, string name, CancellationToken cancellation)
    {
        // A redirect to another host holds the content; the headers are those of the Hub.
        using HttpResponseMessage reply = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Head, FileAddress(model, commit, name)), IsOfHub, cancellation);
        if ((int)reply.StatusCode is not (>= 300 and < 400))
        {
            ThrowIfRefused(reply, model, name);
        }

        string? etag = Header(reply, "X-Linked-Etag") ?? reply.Headers.ETag?.Tag;
        long? size = long.TryParse(Header(reply, "X-Linked-Size"), out long linked) ? linked : reply.Content.Headers.ContentLength;
        return etag?.Trim('"') is { Length: > 0 and <= 128 } tag && size is { } length && tag.All(char.IsAsciiLetterOrDigit)
            ? new HubFile(name, tag, length)
            : throw new CliException(
                $"{_settings.Endpoint} does not tell the length and the ETag of {name}. Check HF_ENDPOINT.", ExitCodes.Failure);
    }

    /// <summary>A file's content from a position on.</summary>
    /// <returns>The reply, whose status is 206 if it begins at the position, or 200 if it begins at the start.</returns>
    /// <exception cref="CliException">It may not be read.</exception>
    /// <exception cref="HubException">The Hub did not answer.</exception>
    public async Task<HttpResponseMessage> OpenAsync(HubModel model, string commit, string name, long from, CancellationToken cancellation)
    {
        HttpResponseMessage reply = await SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, FileAddress(model, commit, name));
                request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
                return request;
            },
            _ => true,
            cancellation);
        ThrowIfRefused(reply, model, name);
        return reply;
    }

    public void Dispose() => _http.Dispose();

    private Uri Address(string path) => new($"{_settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    private Uri FileAddress(HubModel model, string commit, string name) => Address($"{model.Id}/resolve/{commit}/{name}");

    private bool IsOfHub(Uri address) => address.Authority == _settings.Endpoint.Authority;

    /// <summary>Sends a request and follows redirects as long as they are wanted.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> make, Func<Uri, bool> follow, CancellationToken cancellation)
    {
        Uri? target = null;
        for (int redirects = 0; ; redirects++)
        {
            using HttpRequestMessage request = make();
            request.RequestUri = target ?? request.RequestUri!;
            // Otherwise lengths would be those of compressed content.
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            if (_settings.Token is { } token && IsOfHub(request.RequestUri))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            HttpResponseMessage reply = await SendAsync(request, cancellation);
            Uri? next = (int)reply.StatusCode is 301 or 302 or 303 or 307 or 308 && reply.Headers.Location is { } location
                ? new Uri(request.RequestUri, location)
                : null;
            if (next is null || !follow(next) || redirects == MaximumRedirects)
            {
                return reply;
            }

            target = next;
            reply.Dispose();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ReplyTimeout);
        try
        {
            HttpResponseMessage reply = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (reply.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)reply.StatusCode >= 500)
            {
                using (reply)
                {
                    throw new HubException($"{request.RequestUri!.Authority} answered {(int)reply.StatusCode}", reached: true);
                }
            }

            return reply;
        }
        catch (HttpRequestException error)
        {
            throw new HubException(error.GetBaseException().Message, reached: false, error);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new HubException(
                $"{request.RequestUri!.Authority} did not answer within {ReplyTimeout.TotalSeconds} seconds", reached: false, error);
        }
    }

    private void ThrowIfRefused(HttpResponseMessage reply, HubModel model, string? file)
    {
        if (reply.IsSuccessStatusCode || reply.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return;
        }

        int status = (int)reply.StatusCode;
        string code = Header(reply, "X-Error-Code") ?? "";
        string told = Header(reply, "X-Error-Message") is { Length: > 0 } message ? $" It says: {message}" : "";
        string place = $"{_settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{model.Id}";
        reply.Dispose();
        throw new CliException(
            code == "GatedRepo" ? $"{model.Id} is gated: accept its conditions at {place}, and set HF_TOKEN to a token of that account."
            : code == "RevisionNotFound" ? $"{model.Id} has no revision '{model.Revision}': see {place}/tree/main."
            : status == 401 && _settings.Token is not null ? $"The Hub refused the token for {model}: check HF_TOKEN.{told}"
            : status is 401 or 403 or 404 && file is null
                ? $"There is no model {model} at {_settings.Endpoint.Authority}, or it is private: check its name, or set HF_TOKEN.{told}"
            : $"The Hub answered {status} to a request for {file ?? "the files"} of {model}.{told}",
            ExitCodes.Failure);
    }

    private static string? Header(HttpResponseMessage reply, string name) =>
        reply.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
}
