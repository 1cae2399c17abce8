using Grpc.Core;

namespace SeaGrpc.Server.OpenAi.Calls;

/// <summary>
/// An RPC that an HTTP request makes inside the process. Its metadata are the request's headers, so that whatever reads those of a call
/// (authentication, priority, tracing) treats both alike.
/// </summary>
internal sealed class HttpCallContext : ServerCallContext
{
    /// <summary>Where Grpc.AspNetCore looks for the HttpContext of a call that it did not make.</summary>
    private const string HttpContextKey = "__HttpContext";

    private readonly HttpContext _http;
    private readonly DateTime _deadline;
    private readonly CancellationToken _cancellation;

    /// <summary>Prepares a call.</summary>
    /// <param name="http">The request.</param>
    /// <param name="method">Full name of the RPC.</param>
    /// <param name="deadline">When its answer is too late, in UTC; <see cref="DateTime.MaxValue"/> for never.</param>
    /// <param name="cancellation">Ends the call.</param>
    public HttpCallContext(HttpContext http, string method, DateTime deadline, CancellationToken cancellation)
    {
        _http = http;
        _deadline = deadline;
        _cancellation = cancellation;
        MethodCore = method;
        RequestHeadersCore = Headers(http);
        UserState[HttpContextKey] = http;
    }

    protected override string MethodCore { get; }

    protected override string HostCore => _http.Request.Host.Value ?? string.Empty;

    protected override string PeerCore => _http.Connection.RemoteIpAddress is not { } address ? "unix:"
        : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"ipv6:[{address}]:{_http.Connection.RemotePort}"
        : $"ipv4:{address}:{_http.Connection.RemotePort}";

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore { get; }

    protected override CancellationToken CancellationTokenCore => _cancellation;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore { get; } = new(null, []);

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("A call inside the process makes no calls of its own.");

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

    private static Metadata Headers(HttpContext http)
    {
        var headers = new Metadata();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in http.Request.Headers)
        {
            string key = name.ToLowerInvariant();
            if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal) && key.All(IsKey))
            {
                foreach (string? value in values)
                {
                    headers.Add(key, value ?? string.Empty);
                }
            }
        }

        return headers;
    }

    private static bool IsKey(char letter) => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-' or '.';
}
