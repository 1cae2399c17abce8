using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Connections;

/// <summary>A gRPC channel to a sidecar, with its clients.</summary>
internal sealed class SidecarConnection : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly GrpcChannel channel;

    /// <summary>Opens a channel; nothing is sent yet.</summary>
    /// <param name="address">Where the server listens.</param>
    /// <param name="token">Bearer token of every call; null sends none.</param>
    public SidecarConnection(ServerAddress address, string? token)
    {
        Address = address;
        Headers = token is null ? [] : new Metadata { { "authorization", "Bearer " + token } };
        channel = GrpcChannel.ForAddress(address.Endpoint, new GrpcChannelOptions { HttpHandler = Handler(address), DisposeHttpClient = true });
        Alignment = new AlignmentService.AlignmentServiceClient(channel);
        Info = new InfoService.InfoServiceClient(channel);
    }

    /// <summary>Where the server listens.</summary>
    public ServerAddress Address { get; }

    /// <summary>Headers of every call.</summary>
    public Metadata Headers { get; }

    /// <summary>Aligns and cancels.</summary>
    public AlignmentService.AlignmentServiceClient Alignment { get; }

    /// <summary>Says what the server is.</summary>
    public InfoService.InfoServiceClient Info { get; }

    public void Dispose() => channel.Dispose();

    private static SocketsHttpHandler Handler(ServerAddress address)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, UseProxy = false };
        if (address.SocketPath is { } path)
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        return handler;
    }
}
