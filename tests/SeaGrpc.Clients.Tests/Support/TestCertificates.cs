using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>A root of our own, a server's certificate that it signed, and another root that did not.</summary>
internal static class TestCertificates
{
    public static (X509Certificate2 Server, string RootPem, string StrangerPem) Create()
    {
        using X509Certificate2 root = Root("CN=SeaGrpc test root");
        using X509Certificate2 stranger = Root("CN=SeaGrpc other root");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using X509Certificate2 signed = request.Create(root, root.NotBefore, root.NotAfter, [1, 2, 3, 4]);
        using X509Certificate2 withKey = signed.CopyWithPrivateKey(key);
        return (
            X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null), root.ExportCertificatePem(),
            stranger.ExportCertificatePem());
    }

    private static X509Certificate2 Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
