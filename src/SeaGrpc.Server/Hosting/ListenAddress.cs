using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SeaGrpc.Server.Hosting;

/// <summary>An address to listen on: <c>http://HOST:PORT</c> or <c>unix:PATH</c>.</summary>
internal abstract record ListenAddress
{
    /// <summary>The word for no listener.</summary>
    public const string None = "none";

    private const string HttpScheme = "http://";
    private const string UnixScheme = "unix:";

    /// <summary>Reads an address.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        if (text.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            address = text.Length > UnixScheme.Length ? new UnixAddress(Path.GetFullPath(text[UnixScheme.Length..])) : null;
        }
        else if (text.StartsWith(HttpScheme, StringComparison.Ordinal))
        {
            string rest = text[HttpScheme.Length..].TrimEnd('/');
            int colon = rest.LastIndexOf(':');
            if (colon > 0 && ushort.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            {
                address = rest[..colon] switch
                {
                    "*" => new TcpAddress(IPAddress.Any, port),
                    "localhost" => new TcpAddress(IPAddress.Loopback, port),
                    string host => IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? ip) ? new TcpAddress(ip, port) : null,
                };
            }
        }

        return address is not null;
    }

    /// <summary>Makes Kestrel listen there.</summary>
    public abstract void Listen(KestrelServerOptions kestrel, HttpProtocols protocols);

    /// <summary>Connects to whoever listens there, from this machine.</summary>
    /// <exception cref="SocketException">Nobody does.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        EndPoint peer = Peer;
        var socket = new Socket(peer.AddressFamily, SocketType.Stream, peer is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(peer, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What a client on this machine connects to.</summary>
    private protected abstract EndPoint Peer { get; }

    private sealed record TcpAddress(IPAddress Ip, int Port) : ListenAddress
    {
        private protected override EndPoint Peer => new IPEndPoint(
            Ip.Equals(IPAddress.Any) ? IPAddress.Loopback : Ip.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : Ip, Port);

        public override void Listen(KestrelServerOptions kestrel, HttpProtocols protocols) =>
            kestrel.Listen(Ip, Port, listen => listen.Protocols = protocols);
    }

    private sealed record UnixAddress(string Path) : ListenAddress
    {
        private protected override EndPoint Peer => new UnixDomainSocketEndPoint(Path);

        public override void Listen(KestrelServerOptions kestrel, HttpProtocols protocols)
        {
            RemoveStaleSocket();
            kestrel.ListenUnixSocket(Path, listen => listen.Protocols = protocols);
        }

        /// <summary>A process that was killed leaves its socket behind; one that nobody answers on is removed.</summary>
        private void RemoveStaleSocket()
        {
            if (!File.Exists(Path))
            {
                return;
            }

            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                probe.Connect(new UnixDomainSocketEndPoint(Path));
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
            {
                File.Delete(Path);
            }
        }
    }
}
