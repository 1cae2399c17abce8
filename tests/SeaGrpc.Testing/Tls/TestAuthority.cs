using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SeaGrpc.Testing.Tls;

/// <summary>A certificate authority of a test's own. Its root is valid from yesterday to tomorrow.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _root;

    /// <summary>Makes one.</summary>
    /// <param name="name">The common name of its root.</param>
    public TestAuthority(string name = "SeaGrpc test root")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>The root in PEM.</summary>
    public string RootPem => _root.ExportCertificatePem();

    /// <summary>A certificate for a server at localhost and 127.0.0.1, valid as long as the root or for the days given from now.</summary>
    public TestCertificate Server(double? fromDays = null, double? toDays = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        return Issue("CN=localhost", ServerAuthentication, names.Build(), fromDays, toDays);
    }

    /// <summary>A certificate for a caller.</summary>
    public TestCertificate Client(string name) => Issue($"CN={name}", ClientAuthentication, names: null, null, null);

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private TestCertificate Issue(string subject, string use, X509Extension? names, double? fromDays, double? toDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        using X509Certificate2 signed = request.Create(
            _root,
            fromDays is { } from ? DateTimeOffset.UtcNow.AddDays(from) : _root.NotBefore,
            toDays is { } to ? DateTimeOffset.UtcNow.AddDays(to) : _root.NotAfter,
            RandomNumberGenerator.GetBytes(8));
        return new TestCertificate(signed.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}

/// <summary>A certificate and its key, in PEM.</summary>
public sealed record TestCertificate(string Pem, string KeyPem)
{
    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 WithKey() => X509Certificate2.CreateFromPem(Pem, KeyPem);

    /// <summary>Writes <c>NAME.pem</c> and <c>NAME.key</c> into a folder.</summary>
    public void Write(string folder, string name)
    {
        File.WriteAllText(Path.Combine(folder, $"{name}.pem"), Pem);
        File.WriteAllText(Path.Combine(folder, $"{name}.key"), KeyPem);
    }
}
