using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SeaGrpc.Server.Options;

/// <summary>An address to listen on: <c>http://HOST:PORT</c>, <c>https://HOST:PORT</c> (TLS) or <c>unix:PATH</c>.</summary>
internal abstract record ListenAddress
{
    /// <summary>The value that means "no listener".</summary>
    public const string None = "none";

    private const string HttpScheme = "http://";
    private const string HttpsScheme = "https://";
    private const string UnixScheme = "unix:";

    /// <summary>Parses an address.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        if (text.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            string path = text[UnixScheme.Length..];
            address = path.Length > 0 && !path.EndsWith('/') ? new UnixListenAddress(Path.GetFullPath(path)) : null;
        }
        else if (Scheme(text) is { } scheme)
        {
            string rest = text[scheme.Length..].TrimEnd('/');
            int colon = rest.LastIndexOf(':');
            if (colon > 0 && ushort.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            {
                address = TcpListenAddress.Of(rest[..colon], port, scheme == HttpsScheme);
            }
        }

        return address is not null;
    }

    /// <summary>Why nobody can listen on this address, or null. Does not query the machine.</summary>
    public virtual string? Problem => null;

    /// <summary>Whether its connections are TLS.</summary>
    public virtual bool IsTls => false;

    /// <summary>Makes Kestrel listen on the address.</summary>
    public abstract void Listen(KestrelServerOptions kestrel, Action<ListenOptions> configure);

    /// <summary>Connects, from this machine, to the process that listens on the address.</summary>
    /// <exception cref="SocketException">Nobody listens on the address.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        for (int next = 0; ; next++)
        {
            EndPoint peer = Peers[next];
            var socket = new Socket(
                peer.AddressFamily, SocketType.Stream, peer is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(peer, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (next + 1 < Peers.Count)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>Endpoints that a client on this machine connects to, in the order to try.</summary>
    private protected abstract IReadOnlyList<EndPoint> Peers { get; }

    private static string? Scheme(string text) =>
        Array.Find([HttpScheme, HttpsScheme], scheme => text.StartsWith(scheme, StringComparison.Ordinal));
}
