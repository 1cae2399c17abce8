using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SeaGrpc.Server.Options;

/// <summary>
/// A TCP port on one address, on both loopback addresses (<c>localhost</c>), or on all addresses (<c>*</c> and <c>+</c>).
/// </summary>
/// <param name="Host">A single address; null for several.</param>
/// <param name="IsLoopback">If there are several, whether only this machine can reach them.</param>
/// <param name="Port">The port; 0 for any free port.</param>
/// <param name="Secure">Whether its connections are TLS.</param>
internal sealed record TcpListenAddress(IPAddress? Host, bool IsLoopback, int Port, bool Secure) : ListenAddress
{
    private const int MaxPortTries = 16;

    public override bool IsTls => Secure;

    private protected override IReadOnlyList<EndPoint> Peers => Host switch
    {
        null => [new IPEndPoint(IPAddress.Loopback, Port), new IPEndPoint(IPAddress.IPv6Loopback, Port)],
        { } any when any.Equals(IPAddress.Any) => [new IPEndPoint(IPAddress.Loopback, Port)],
        { } any when any.Equals(IPAddress.IPv6Any) =>
            [new IPEndPoint(IPAddress.IPv6Loopback, Port), new IPEndPoint(IPAddress.Loopback, Port)],
        { } one => [new IPEndPoint(one, Port)],
    };

    /// <summary>Parses a host; null if it is not valid.</summary>
    public static TcpListenAddress? Of(string host, int port, bool secure) => host switch
    {
        "*" or "+" => new TcpListenAddress(null, IsLoopback: false, port, secure),
        "localhost" => new TcpListenAddress(null, IsLoopback: true, port, secure),
        ['[', .. string six, ']'] =>
            IPAddress.TryParse(six, out IPAddress? ip) && ip.AddressFamily == AddressFamily.InterNetworkV6
                ? new TcpListenAddress(ip, false, port, secure)
                : null,

        // 1 and 0x7f000001 are also addresses, but nobody writes them on purpose.
        _ =>
            IPAddress.TryParse(host, out IPAddress? ip) && ip.AddressFamily == AddressFamily.InterNetwork && ip.ToString() == host
                ? new TcpListenAddress(ip, false, port, secure)
                : null,
    };

    public override void Listen(KestrelServerOptions kestrel, Action<ListenOptions> configure)
    {
        if (Host is not null)
        {
            kestrel.Listen(Host, Port, configure);
        }
        else if (IsLoopback)
        {
            // Each address family that the machine has.
            kestrel.ListenLocalhost(Port == 0 ? FreeLoopbackPort() : Port, configure);
        }
        else
        {
            // A dual-stack socket, or an IPv4 socket if there is no IPv6.
            kestrel.ListenAnyIP(Port, configure);
        }
    }

    /// <summary>A port that is free in both address families. Kestrel cannot choose one for two sockets.</summary>
    private static int FreeLoopbackPort()
    {
        for (int tries = 1; ; tries++)
        {
            using var four = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                four.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                int port = ((IPEndPoint)four.LocalEndPoint!).Port;
                using var six = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                six.Bind(new IPEndPoint(IPAddress.IPv6Loopback, port));
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && tries < MaxPortTries)
            {
                // Another process uses the port in one family.
            }
            catch (SocketException) when (four.LocalEndPoint is IPEndPoint { Port: > 0 } bound)
            {
                return bound.Port; // The machine has no IPv6.
            }
        }
    }
}
