using SeaGrpc.Server.Options;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// Kestrel's limits, where its own would be lower than what the settings promise: a stream beyond its limit is neither served nor refused,
/// it waits in the client and tells nobody.
/// </summary>
internal static class ConnectionLimits
{
    /// <summary>
    /// Streams of one connection beside the alignments that the engine takes: cancellations, GetServerInfo, health, and calls that are
    /// refused.
    /// </summary>
    public const int ControlStreams = 100;

    /// <summary>Kestrel's own limit of a request's body, in bytes.</summary>
    private const long UsualBodyBytes = 30_000_000;

    /// <summary>Streams at once on one connection.</summary>
    public static int Streams(EngineOptions engine) => engine.MaxConcurrentJobs + engine.MaxQueuedJobs + ControlStreams;

    /// <summary>
    /// Bytes of a request's body: above what a message may have, in base64 and with its frame, so that a longer one is told its limit by
    /// gRPC.
    /// </summary>
    public static long BodyBytes(TransportOptions transport) => Math.Max(UsualBodyBytes, 2L * transport.MaxRequestBytes);
}
