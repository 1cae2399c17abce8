using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Tls;

/// <summary>Reads the files of <see cref="TlsOptions"/>. Every fault names the setting and the file, and says what to change.</summary>
internal static class TlsFiles
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string Settings = "SeaGrpc:Tls:";

    /// <summary>Reads them.</summary>
    /// <param name="options">Certificate and key are set.</param>
    /// <param name="now">The time at which certificates must be valid.</param>
    /// <exception cref="FileFaultException">One of them is of no use.</exception>
    public static TlsIdentity Load(TlsOptions options, DateTimeOffset now)
    {
        string certificatePem = Text(nameof(TlsOptions.Certificate), options.Certificate!);
        X509Certificate2Collection chain = Certificates(nameof(TlsOptions.Certificate), options.Certificate!, certificatePem);
        CheckServer(chain[0], options.Certificate!, now);
        X509Certificate2 certificate = WithKey(chain[0], certificatePem, options);
        chain.RemoveAt(0);
        return new TlsIdentity(
            certificate,
            SslStreamCertificateContext.Create(certificate, chain, offline: true),
            options.ClientCa is { } file ? ClientRoots(file, now) : null);
    }

    /// <summary>Whether a certificate signs itself.</summary>
    public static bool IsRoot(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static void CheckServer(X509Certificate2 certificate, string path, DateTimeOffset now)
    {
        string named = $"{Settings}{nameof(TlsOptions.Certificate)}: the first certificate of {path} ({Name(certificate)})";
        if (now > certificate.NotAfter)
        {
            throw new FileFaultException($"{named} expired on {Day(certificate.NotAfter)}: renew it.");
        }

        if (now < certificate.NotBefore)
        {
            throw new FileFaultException(
                $"{named} is not valid before {Day(certificate.NotBefore)}: set this machine's clock, or use another certificate.");
        }

        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.EnhancedKeyUsages.Cast<Oid>().Any(use => use.Value is ServerAuthentication or "2.5.29.37.0"))
        {
            throw new FileFaultException(
                $"{named} is not for servers: its extended key usage lacks serverAuth. Issue one for a server, and put it first in the "
                + "file, before the certificates that signed it.");
        }
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string certificatePem, TlsOptions options)
    {
        string path = options.Key!;
        string pem = Text(nameof(TlsOptions.Key), path);
        if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new FileFaultException(
                $"{Settings}{nameof(TlsOptions.Key)}: {path} has no private key in PEM (-----BEGIN PRIVATE KEY-----).");
        }

        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new FileFaultException(
                $"{Settings}{nameof(TlsOptions.Key)}: the key in {path} has a passphrase, which nobody could enter here: write it without "
                + "one (openssl pkey -in OLD -out NEW) and protect the file by its mode.");
        }

        try
        {
            var made = X509Certificate2.CreateFromPem(certificatePem, pem);

            // Windows cannot use a key that is only in memory.
            return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null) : made;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new FileFaultException(
                $"{Settings}{nameof(TlsOptions.Key)}: {path} is damaged, or not the key of the first certificate of {options.Certificate} "
                + $"({Name(certificate)}): {failure.Message} Use the key that this certificate was made for; the server's own certificate "
                + "comes first in its file.",
                failure);
        }
    }

    private static X509Certificate2Collection ClientRoots(string path, DateTimeOffset now)
    {
        X509Certificate2Collection found =
            Certificates(nameof(TlsOptions.ClientCa), path, Text(nameof(TlsOptions.ClientCa), path));
        X509Certificate2[] roots = [.. found.Where(IsRoot)];
        return roots.Length == 0
            ? throw new FileFaultException(
                $"{Settings}{nameof(TlsOptions.ClientCa)}: {path} has no root certificate, one that is signed by itself: add the root of "
                + "the callers' certificates.")
            : Array.TrueForAll(roots, root => now > root.NotAfter)
                ? throw new FileFaultException(
                    $"{Settings}{nameof(TlsOptions.ClientCa)}: the root certificate in {path} ({Name(roots[0])}) expired on "
                    + $"{Day(roots[0].NotAfter)}: renew it.")
                : found;
    }

    private static X509Certificate2Collection Certificates(string setting, string path, string pem)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException failure)
        {
            throw new FileFaultException($"{Settings}{setting}: {path} has a damaged certificate: {failure.Message}", failure);
        }

        return found.Count > 0
            ? found
            : throw new FileFaultException(
                $"{Settings}{setting}: {path} has no certificate in PEM (-----BEGIN CERTIFICATE-----). A DER or PKCS #12 file can be "
                + "converted with openssl.");
    }

    private static string Text(string setting, string path)
    {
        try
        {
            return Encoding.ASCII.GetString(SettingsFile.Read(path));
        }
        catch (FileFaultException fault)
        {
            throw new FileFaultException($"{Settings}{setting}: {fault.Message}", fault);
        }
    }

    private static string Name(X509Certificate2 certificate) => CallerText.Shown(certificate.Subject);

    private static string Day(DateTime time) => $"{time.ToUniversalTime():yyyy-MM-dd HH:mm}Z";
}
