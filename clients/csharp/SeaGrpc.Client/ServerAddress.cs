using System.Text.RegularExpressions;

namespace SeaGrpc.Client;

/// <summary>
/// Where a server listens: <c>http://HOST:PORT</c>, <c>https://HOST:PORT</c>, <c>HOST:PORT</c> (as <c>http://</c>) or <c>unix:PATH</c>.
/// </summary>
/// <param name="Endpoint">What a channel is opened with.</param>
/// <param name="SocketPath">Path of the Unix socket; null for TCP.</param>
internal sealed partial record ServerAddress(Uri Endpoint, string? SocketPath)
{
    /// <summary>Reads an address. The port is optional behind a scheme, which has its own.</summary>
    /// <exception cref="ArgumentException">It is none of the forms.</exception>
    public static ServerAddress Parse(string address)
    {
        if (Socket().Match(address) is { Success: true } socket)
        {
            return new ServerAddress(new Uri("http://localhost"), socket.Groups["path"].Value);
        }

        Match match = Tcp().Match(address);
        string scheme = match.Groups["scheme"] is { Success: true } given ? given.Value : "http";
        bool hasPort = match.Groups["port"].Success;
        if (match.Success
            && (hasPort || match.Groups["scheme"].Success)
            && (!hasPort || (ushort.TryParse(match.Groups["port"].Value, out ushort port) && port > 0))
            && Uri.TryCreate($"{scheme}://{match.Groups["authority"].Value}", UriKind.Absolute, out Uri? endpoint))
        {
            return new ServerAddress(endpoint, null);
        }

        throw new ArgumentException(
            $"'{address}' is not an address: write http://HOST:PORT, https://HOST:PORT, HOST:PORT (as http://) or unix:PATH.",
            nameof(address));
    }

    [GeneratedRegex(@"^unix:(?:(?=///)//)?(?!//)(?<path>(?=.*[^/]).+)\z", RegexOptions.Singleline)]
    private static partial Regex Socket();

    [GeneratedRegex(
        @"^(?:(?<scheme>https?)://)?(?<authority>(?:[^\s/?#@\[\]:]+|\[[^\s/?#@\[\]]+\])(?::(?<port>[0-9]{1,5}))?)/?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Tcp();
}
