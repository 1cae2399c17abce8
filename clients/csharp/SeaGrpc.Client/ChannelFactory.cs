using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;

namespace SeaGrpc.Client;

/// <summary>Opens a channel to <c>http://HOST:PORT</c>, <c>https://HOST:PORT</c> or <c>unix:PATH</c>.</summary>
internal static class ChannelFactory
{
    private const string UnixScheme = "unix:";
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    public static GrpcChannel Open(string address, SeaClientOptions options)
    {
        bool isSocket = address.StartsWith(UnixScheme, StringComparison.Ordinal);
        if (!isSocket && !(Uri.TryCreate(address, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"))
        {
            throw new ArgumentException($"'{address}' is no address: write http://HOST:PORT, https://HOST:PORT or unix:PATH.", nameof(address));
        }

        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, EnableMultipleHttp2Connections = true, UseProxy = false };
        if (isSocket)
        {
            var endpoint = new UnixDomainSocketEndPoint(address[UnixScheme.Length..]);
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(endpoint, cancellation);
        }

        if (options.TrustedRoots is { } roots)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { },
                },
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return GrpcChannel.ForAddress(isSocket ? "http://localhost" : address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = options.MaxMessageBytes,
            MaxSendMessageSize = options.MaxMessageBytes,
        });
    }

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endpoint, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
