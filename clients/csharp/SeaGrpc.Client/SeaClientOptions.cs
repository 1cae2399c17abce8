using System.Security.Cryptography.X509Certificates;

namespace SeaGrpc.Client;

/// <summary>How a <see cref="SeaClient"/> connects and calls.</summary>
public sealed record SeaClientOptions
{
    /// <summary>The server's bearer token; null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>Certificates that a TLS server's may be signed by; null trusts what the system trusts.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Certificate with its private key for a server that asks callers for one; null presents none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// Longest time of a call that names none; null for no deadline. A run ends shortly before it with its best answer so far.
    /// </summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>When a refused call is tried again.</summary>
    public RetryPolicy Retries { get; init; } = new();

    /// <summary>Longest message to take, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024 * 1024;
}
