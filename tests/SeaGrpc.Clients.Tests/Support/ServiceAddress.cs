using System.Net;
using System.Net.Sockets;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>
/// One address for several servers, as a Kubernetes Service is: a new connection goes to the server that is ready, and an old one stays
/// with its own until that closes it.
/// </summary>
internal sealed class ServiceAddress : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private volatile IPEndPoint _target;

    /// <summary>Listens on a free port.</summary>
    /// <param name="server">Address of the first server, <c>http://HOST:PORT</c>.</param>
    public ServiceAddress(string server)
    {
        _target = EndPoint(server);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What a client connects to.</summary>
    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Sends new connections to another server.</summary>
    public void Point(string server) => _target = EndPoint(server);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private static IPEndPoint EndPoint(string server) => IPEndPoint.Parse(new Uri(server).Authority);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_end.Token);
                _ = CarryAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The service has ended.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_target, _end.Token);
                await using var near = new NetworkStream(client);
                await using var far = new NetworkStream(server);
                await Task.WhenAny(near.CopyToAsync(far, _end.Token), far.CopyToAsync(near, _end.Token));
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
            {
                // Both ends see the connection close.
            }
        }
    }
}
