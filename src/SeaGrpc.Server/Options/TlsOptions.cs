using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>TLS of the addresses that begin with <c>https://</c>. Section <c>SeaGrpc:Tls</c>. All files are PEM.</summary>
public sealed record TlsOptions : IValidatableObject
{
    /// <summary>File with the server's certificate, followed by intermediate certificates if there are any. Default none.</summary>
    public string? Certificate { get; init; }

    /// <summary>File with the private key of the server's certificate, without a passphrase. Default none.</summary>
    public string? Key { get; init; }

    /// <summary>
    /// File with the root certificates of the callers' certificates. With it, a connection without such a certificate is refused (mutual
    /// TLS). Default none: callers need no certificate.
    /// </summary>
    public string? ClientCa { get; init; }

    /// <summary>
    /// How often the files are looked at. Changed ones are used for new connections; 100 milliseconds to 1 hour, default 10 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The files that are set.</summary>
    internal IReadOnlyList<string> Files => [.. new[] { Certificate, Key, ClientCa }.OfType<string>()];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Certificate is null && Files.Count > 0)
        {
            yield return new ValidationResult(
                $"It needs the server's certificate too: set {nameof(Certificate)}.", [Key is null ? nameof(ClientCa) : nameof(Key)]);
        }

        if (Key is null && Files.Count > 0)
        {
            yield return new ValidationResult(
                $"It needs the certificate's private key too: set {nameof(Key)}.",
                [Certificate is null ? nameof(ClientCa) : nameof(Certificate)]);
        }
    }
}
