using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>Where the server listens, and when it closes connections. Section <c>SeaGrpc:Transport</c>.</summary>
public sealed record TransportOptions : IValidatableObject
{
    /// <summary>
    /// Address of gRPC over HTTP/2: <c>http://HOST:PORT</c> (plaintext; port 0: any free port), <c>https://HOST:PORT</c> (TLS) or
    /// <c>unix:PATH</c>. <c>localhost</c> and <c>*</c> include IPv4 and IPv6 where the machine has them. Default loopback, port 50051.
    /// </summary>
    [ListenAddress]
    public string Grpc { get; init; } = "http://127.0.0.1:50051";

    /// <summary>
    /// Address of health over HTTP/1.1: <c>http://HOST:PORT</c>, <c>https://HOST:PORT</c> (TLS), <c>unix:PATH</c> or <c>none</c>. Default
    /// loopback, port 8080.
    /// </summary>
    [ListenAddress(AllowNone = true)]
    public string Http { get; init; } = "http://127.0.0.1:8080";

    /// <summary>
    /// Mode of Unix socket files, in octal; 600 to 777, default 600: only the server's own user may connect. Connecting needs write
    /// permission.
    /// </summary>
    [UnixMode]
    public string UnixSocketMode { get; init; } = "600";

    /// <summary>Group of Unix socket files, by name or number. The default is the server's own group.</summary>
    [UnixGroup]
    public string? UnixSocketGroup { get; init; }

    /// <summary>
    /// Origins of web pages that may call by gRPC-Web at <see cref="Http"/>, separated by commas, for example <c>https://chat.example</c>;
    /// or <c>*</c>. Default none: no gRPC-Web.
    /// </summary>
    [WebOrigins]
    public string WebOrigins { get; init; } = string.Empty;

    /// <summary>
    /// Whether a page that aligns prompts and shows their runs is served at <see cref="Http"/>, under /console. Its calls are gRPC-Web to
    /// the same address. Default false.
    /// </summary>
    public bool Console { get; init; }

    /// <summary>Idle time of a connection after which an HTTP/2 ping is sent; 1 second to 1 hour, default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time to wait for the ping's answer before the connection is closed; 1 second to 10 minutes, default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Maximum time for the reader to accept one message before the run is cancelled; 10 milliseconds to 1 hour, default 30 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum size of a request message; 1024 bytes to 64 MiB, default 4 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxRequestBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Maximum bytes that all requests in progress hold together; 4 MiB to 64 GiB, default 24 MiB. For each request, what exceeds 64 KiB
    /// counts: its message, and the tokens of a Score request that waits or runs. A long request that does not fit is refused with
    /// RESOURCE_EXHAUSTED.
    /// </summary>
    [Range(4L * 1024 * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxInboundBytes { get; init; } = 24 * 1024 * 1024;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ListenAddress.TryParse(Grpc, out ListenAddress? grpc) && ListenAddress.TryParse(Http, out ListenAddress? http)
            && Plain(grpc) == Plain(http) && grpc is not TcpListenAddress { Port: 0 })
        {
            yield return new ValidationResult($"It is the address of {nameof(Grpc)} too: use another one, or none.", [nameof(Http)]);
        }

        if (Console && Http == ListenAddress.None)
        {
            yield return new ValidationResult(
                $"The console needs {nameof(Http)}: give that an address, or turn the console off.", [nameof(Console)]);
        }
    }

    private static ListenAddress Plain(ListenAddress address) => address is TcpListenAddress tcp ? tcp with { Secure = false } : address;
}
