namespace SeaGrpc.Server.Outside;

/// <summary>Another server that speaks JSON over HTTP.</summary>
/// <param name="Address">Its address, perhaps with a path, which precedes the paths of requests.</param>
/// <param name="ApiKey">Sent as a bearer token; null for none.</param>
/// <param name="Attempts">How often a request is made that fails for a passing reason; 1 is no retry.</param>
/// <param name="Timeout">How long requests that belong together may take, retries included.</param>
internal sealed record HttpPeer(string Address, string? ApiKey, int Attempts, TimeSpan Timeout)
{
    /// <summary>Most connections to it.</summary>
    public int Connections { get; init; } = int.MaxValue;

    /// <summary>
    /// Whether it speaks HTTP/2 without TLS. A client cannot find that out: without TLS nothing is negotiated. With TLS, HTTP/2 is used
    /// where the server offers it.
    /// </summary>
    public bool SpeaksHttp2 { get; init; }
}
