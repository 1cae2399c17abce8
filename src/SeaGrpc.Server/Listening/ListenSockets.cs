using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Listening;

/// <summary>Creates the bound sockets that Kestrel listens on. If one cannot be created, the message names its address.</summary>
/// <param name="transport">Mode and group of Unix socket files.</param>
internal sealed class ListenSockets(TransportOptions transport)
{
    private readonly UnixSocketFiles _files = new(transport);

    /// <summary>Returns a bound socket that does not listen yet.</summary>
    /// <exception cref="ListenException">The socket cannot be created.</exception>
    /// <exception cref="SocketException">
    /// Another program listens on the address. Kestrel reports this together with the address.
    /// </exception>
    public Socket Bind(EndPoint endpoint)
    {
        if (endpoint is UnixDomainSocketEndPoint unix)
        {
            return _files.Bind(unix);
        }

        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException refused) when (refused.SocketErrorCode != SocketError.AddressAlreadyInUse)
        {
            throw new ListenException(
                $"The server cannot listen on http://{endpoint}: {refused.Message}. {Advice(refused.SocketErrorCode)}", refused);
        }
    }

    private static string Advice(SocketError error) => error switch
    {
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported =>
            "This machine has no such address: use one of its addresses, http://*:PORT for all of them, or http://127.0.0.1:PORT for "
            + "callers on this machine (SeaGrpc:Transport:Grpc, SeaGrpc:Transport:Http).",
        SocketError.AccessDenied =>
            "The server's user may not use this port: use one from 1024 up (SeaGrpc:Transport:Grpc, "
            + "SeaGrpc:Transport:Http), or give the process the capability CAP_NET_BIND_SERVICE.",
        _ => "Use another address (SeaGrpc:Transport:Grpc, SeaGrpc:Transport:Http).",
    };
}
