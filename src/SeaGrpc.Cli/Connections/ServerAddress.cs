using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SeaGrpc.Cli.Connections;

/// <summary>Where a server listens: <c>http://host:port</c>, <c>https://host:port</c>, <c>host:port</c> or <c>unix:/path</c>.</summary>
/// <param name="Text">The address as shown to the user.</param>
/// <param name="Endpoint">What a channel is opened with.</param>
/// <param name="SocketPath">Path of the Unix socket; null for TCP.</param>
internal sealed record ServerAddress(string Text, Uri Endpoint, string? SocketPath)
{
    private const string UnixScheme = "unix:";

    /// <summary>Reads an address.</summary>
    /// <returns>Null where the text is none of the forms.</returns>
    public static ServerAddress? Parse(string text)
    {
        if (text.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            var path = text[UnixScheme.Length..];
            path = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
            return path.Length == 0 ? null : new ServerAddress(text, new Uri("http://localhost"), Path.GetFullPath(path));
        }

        var url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(url, UriKind.Absolute, out var endpoint)
            && endpoint.Scheme is "http" or "https"
            && endpoint.Host.Length > 0
            && endpoint.PathAndQuery == "/"
            && HasPort(url)
                ? new ServerAddress(text, endpoint, null)
                : null;
    }

    /// <summary>Connects to it.</summary>
    /// <exception cref="SocketException">Nobody listens.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        EndPoint endpoint = SocketPath is { } path
            ? new UnixDomainSocketEndPoint(path)
            : new DnsEndPoint(Endpoint.IdnHost.Trim('[', ']'), Endpoint.Port);
        var socket = SocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endpoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether the port is written out: the schemes' own ports are never a sidecar's.</summary>
    private static bool HasPort(string url)
    {
        var authority = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        return colon >= 0
            && ushort.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0;
    }
}
