using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SeaGrpc.Cli.Connections;

/// <summary>The certificates of TLS connections to a server, from PEM files.</summary>
/// <param name="Roots">Roots to trust instead of the system's; null trusts those.</param>
/// <param name="Own">The caller's certificate with its key; null presents none.</param>
/// <param name="Intermediates">Certificates that signed it, which are sent along.</param>
internal sealed record CallerCertificates(
    X509Certificate2Collection? Roots, X509Certificate2? Own, X509Certificate2Collection? Intermediates)
{
    /// <summary>Reads the files; null if none is given.</summary>
    /// <param name="rootsFile">Root certificates.</param>
    /// <param name="certificateFile">The caller's certificate, then those that signed it.</param>
    /// <param name="keyFile">Its private key.</param>
    /// <exception cref="CliException">A file cannot be used; the message says why.</exception>
    public static CallerCertificates? Read(string? rootsFile, string? certificateFile, string? keyFile)
    {
        if (rootsFile is null && certificateFile is null)
        {
            return null;
        }

        X509Certificate2Collection? chain = certificateFile is null ? null : Certificates("--cert", certificateFile);
        X509Certificate2? own = chain is null ? null : WithKey(certificateFile!, keyFile!);
        chain?.RemoveAt(0);
        return new CallerCertificates(rootsFile is null ? null : Certificates("--ca", rootsFile), own, chain);
    }

    /// <summary>The settings of a connection.</summary>
    public SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions();
        if (Roots is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Roots);
        }

        if (Own is not null)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(Own, Intermediates, offline: true);
        }

        return options;
    }

    private static X509Certificate2Collection Certificates(string option, string file)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPemFile(file);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{option} {file} cannot be read: {failure.Message}", ExitCodes.Usage, failure);
        }

        return found.Count > 0
            ? found
            : throw new CliException($"{option} {file} has no certificate in PEM (-----BEGIN CERTIFICATE-----).", ExitCodes.Usage);
    }

    private static X509Certificate2 WithKey(string certificateFile, string keyFile)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        }
        catch (Exception failure)
            when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(
                $"--key {keyFile} is not the private key of the first certificate in {certificateFile}: {failure.Message}", ExitCodes.Usage,
                failure);
        }
    }
}
