using SeaGrpc.Server.Options;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// Raises Kestrel's limits to what the settings promise. A stream beyond Kestrel's limit is neither served nor refused: it waits in the
/// client without any notice.
/// </summary>
internal static class ConnectionLimits
{
    /// <summary>
    /// Streams per connection beyond the alignments that the engine accepts: cancellations, GetServerInfo, health, and calls that are
    /// refused.
    /// </summary>
    public const int ControlStreams = 100;

    /// <summary>Kestrel's default limit of a request body, in bytes.</summary>
    private const long UsualBodyBytes = 30_000_000;

    /// <summary>Maximum concurrent streams on one connection.</summary>
    public static int Streams(EngineOptions engine) => engine.MaxConcurrentJobs + engine.MaxQueuedJobs + ControlStreams;

    /// <summary>
    /// Maximum bytes of a request body. It exceeds the message limit even in base64 with framing, so that gRPC itself reports the limit for
    /// longer messages.
    /// </summary>
    public static long BodyBytes(TransportOptions transport) => Math.Max(UsualBodyBytes, 2L * transport.MaxRequestBytes);
}
