using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SeaGrpc.Server.Tls;

/// <summary>What the server proves to callers on TLS connections, and what it asks of them.</summary>
/// <param name="Certificate">The server's certificate, with its key.</param>
/// <param name="Chain">The same with its intermediate certificates.</param>
/// <param name="ClientRoots">Roots and intermediates of the callers' certificates; null if callers need none.</param>
internal sealed record TlsIdentity(
    X509Certificate2 Certificate, SslStreamCertificateContext Chain, X509Certificate2Collection? ClientRoots)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The longest notice of a certificate's end; a short-lived one has a tenth of its life.</summary>
    private static readonly TimeSpan LongestNotice = TimeSpan.FromDays(7);

    /// <summary>When the certificate expires.</summary>
    public DateTimeOffset Expiry => new(Certificate.NotAfter.ToUniversalTime());

    /// <summary>Whether the certificate should have been renewed by now.</summary>
    public bool IsAboutToExpire(DateTimeOffset now)
    {
        TimeSpan tenth = (Certificate.NotAfter - Certificate.NotBefore) / 10;
        return Expiry - now < (tenth < LongestNotice ? tenth : LongestNotice);
    }

    /// <summary>The certificate in words.</summary>
    public string Description
    {
        get
        {
            string until = Expiry.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
            string hash = Certificate.GetCertHashString(HashAlgorithmName.SHA256);
            return $"{CallerText.Shown(Certificate.Subject)}, valid until {until}, SHA-256 {hash}"
                + (ClientRoots is null ? string.Empty : "; callers need a certificate too");
        }
    }

    /// <summary>The settings of one new connection. Kestrel adds the protocols of its listener to them.</summary>
    public SslServerAuthenticationOptions ForConnection() => new()
    {
        ServerCertificateContext = Chain,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = ClientRoots is not null,
        CertificateChainPolicy = ClientRoots is null ? null : ClientPolicy(ClientRoots),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
    };

    private static X509ChainPolicy ClientPolicy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new(ClientAuthentication));
        foreach (X509Certificate2 certificate in roots)
        {
            (TlsFiles.IsRoot(certificate) ? policy.CustomTrustStore : policy.ExtraStore).Add(certificate);
        }

        return policy;
    }
}
