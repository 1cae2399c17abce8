using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Tls;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>A folder with a server's certificate, and connections that trust its authority.</summary>
internal sealed class TlsFolder : IDisposable
{
    /// <summary>The authority's root.</summary>
    public const string Root = "root.pem";

    private readonly TemporaryFolder _folder = new();

    public TlsFolder()
    {
        Authority.Server().Write(_folder.Path, "server");
        File.WriteAllText(Path(Root), Authority.RootPem);
    }

    public TestAuthority Authority { get; } = new();

    /// <summary>Settings of a server that speaks TLS on a free port.</summary>
    public string[] Settings => [
        "Transport:Grpc=https://127.0.0.1:0", $"Tls:Certificate={Path("server.pem")}", $"Tls:Key={Path("server.key")}",
        "Tls:ReloadInterval=00:00:00.100"];

    /// <summary>The same, and callers need a certificate.</summary>
    public string[] MutualSettings => [.. Settings, $"Tls:ClientCa={Path(Root)}"];

    public string Path(string name) => _folder.File(name);

    /// <summary>Makes a caller's certificate: NAME.pem and NAME.key.</summary>
    public void WriteClient(string name) => Authority.Client(name).Write(_folder.Path, name);

    /// <summary>A channel that trusts the authority.</summary>
    /// <param name="address">The server.</param>
    /// <param name="own">The caller's certificate, or null.</param>
    public GrpcChannel Connect(string address, TestCertificate? own = null) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = Handler(own), DisposeHttpClient = true });

    /// <summary>The same for any HTTP.</summary>
    public SocketsHttpHandler Handler(TestCertificate? own = null)
    {
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = new X509ChainPolicy() } };
        handler.SslOptions.CertificateChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        handler.SslOptions.CertificateChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(Authority.RootPem));
        if (own is not null)
        {
            handler.SslOptions.ClientCertificateContext =
                SslStreamCertificateContext.Create(own.WithKey(), additionalCertificates: null, offline: true);
        }

        return handler;
    }

    /// <summary>What a new connection is shown, and which protocol is agreed on.</summary>
    public static async Task<(string Certificate, string Protocol)> GreetAsync(string address, params SslApplicationProtocol[] offered)
    {
        var uri = new Uri(address);
        using var tcp = new TcpClient(uri.Host, uri.Port);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = offered.Length == 0 ? null : [.. offered],
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
        });
        using var shown = new X509Certificate2(tls.RemoteCertificate!);
        return (shown.ExportCertificatePem(), tls.NegotiatedApplicationProtocol.ToString());
    }

    public void Dispose()
    {
        Authority.Dispose();
        _folder.Dispose();
    }
}
