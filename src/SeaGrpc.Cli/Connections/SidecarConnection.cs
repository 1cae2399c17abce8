using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Connections;

/// <summary>A gRPC channel to a sidecar, with its clients.</summary>
internal sealed class SidecarConnection : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan InfoTimeout = TimeSpan.FromSeconds(20);

    private readonly GrpcChannel _channel;

    /// <summary>Opens a channel; nothing is sent yet.</summary>
    /// <param name="address">Where the server listens.</param>
    /// <param name="token">Bearer token of every call; null sends none.</param>
    /// <param name="tls">The certificates of TLS; null for the system's roots and none of its own.</param>
    public SidecarConnection(ServerAddress address, string? token, CallerCertificates? tls = null)
    {
        Address = address;
        Headers = token is null ? [] : new Metadata { { "authorization", "Bearer " + token } };
        _channel = GrpcChannel.ForAddress(
            address.Endpoint, new GrpcChannelOptions { HttpHandler = Handler(address, tls), DisposeHttpClient = true });
        Alignment = new AlignmentService.AlignmentServiceClient(_channel);
        Info = new InfoService.InfoServiceClient(_channel);
    }

    /// <summary>Where the server listens.</summary>
    public ServerAddress Address { get; }

    /// <summary>Headers of every call.</summary>
    public Metadata Headers { get; }

    /// <summary>Aligns and cancels.</summary>
    public AlignmentService.AlignmentServiceClient Alignment { get; }

    /// <summary>Says what the server is.</summary>
    public InfoService.InfoServiceClient Info { get; }

    /// <summary>Asks the server what it is, which shows first of all whether it is one.</summary>
    /// <exception cref="CliException">It does not answer, or not as one; the message says what to change.</exception>
    public async Task<GetServerInfoResponse> InfoAsync()
    {
        try
        {
            return await Info.GetServerInfoAsync(new GetServerInfoRequest(), Headers, DateTime.UtcNow + InfoTimeout);
        }
        catch (RpcException error)
        {
            // A status with details is a server's own.
            string? explained = error.GetRpcStatus() is null ? await AddressProbe.ExplainAsync(Address) : null;
            throw new CliException(explained ?? RpcErrors.Describe(error, Address), ExitCodes.Failure, error);
        }
    }

    public void Dispose() => _channel.Dispose();

    private static SocketsHttpHandler Handler(ServerAddress address, CallerCertificates? tls)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, UseProxy = false };
        if (address.SocketPath is not null)
        {
            handler.ConnectCallback = async (_, cancellation) => await address.ConnectAsync(cancellation);
        }

        if (tls is not null)
        {
            handler.SslOptions = tls.Options();
        }

        return handler;
    }
}
