using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace SeaGrpc.Cli.Connections;

/// <summary>Finds out what listens at an address where a call has failed, by asking it in HTTP/1.1 and in TLS.</summary>
internal static class AddressProbe
{
    private const int TlsAlert = 0x15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What is wrong with the address, as a sentence that says what to write; null if nothing is that this can tell.</summary>
    public static async Task<string?> ExplainAsync(ServerAddress address)
    {
        try
        {
            return address.Endpoint.Scheme == "https" ? await ExplainTlsAsync(address) : await ExplainPlainAsync(address);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            return null; // Nobody listens any more, or the address is no longer reached: what the call said stands.
        }
    }

    private static async Task<string?> ExplainTlsAsync(ServerAddress address) => await SpeaksTlsAsync(address)
        ? null
        : $"{address.Text} does not speak TLS: write http:// instead of https://.";

    private static async Task<string?> ExplainPlainAsync(ServerAddress address)
    {
        byte[] answer = await AskAsync(address);
        string text = Encoding.Latin1.GetString(answer);
        if (text.StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            return text.Contains("HTTP/2 only", StringComparison.OrdinalIgnoreCase) ? null
                : text.Contains(" 200 ", StringComparison.Ordinal) && text.Contains("\nHealthy", StringComparison.Ordinal)
                    ? $"{address.Text} is a server's HTTP port, for health checks and gRPC-Web. gRPC listens at another address: "
                        + "SeaGrpc:Transport:Grpc, by default port 50051."
                : text.Contains("HTTPS", StringComparison.Ordinal) ? Tls(address)
                : $"{address.Text} speaks HTTP/1.1, not gRPC: use the address of the server's gRPC.";
        }

        if (answer is [0, 0, _, ..])
        {
            return null; // A frame of HTTP/2.
        }

        return answer is [TlsAlert, ..] || await SpeaksTlsAsync(address)
            ? Tls(address)
            : $"{address.Text} accepts connections, but does not speak gRPC: use the address of the server's gRPC.";
    }

    private static string Tls(ServerAddress address) => $"{address.Text} speaks TLS: write https:// instead of http://.";

    /// <summary>The first bytes of the answer to a request in HTTP/1.1; empty if none comes.</summary>
    private static async Task<byte[]> AskAsync(ServerAddress address)
    {
        using var patience = new CancellationTokenSource(Patience);
        await using Stream stream = await address.ConnectAsync(patience.Token);
        var answer = new byte[2048];
        int length = 0;
        try
        {
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"GET /healthz/live HTTP/1.1\r\nHost: {address.Endpoint.Host}\r\nConnection: close\r\n\r\n"),
                patience.Token
            );
            while (length < answer.Length && await stream.ReadAsync(answer.AsMemory(length), patience.Token) is > 0 and int read)
            {
                length += read;
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // What has come so far is all.
        }

        return answer[..length];
    }

    private static async Task<bool> SpeaksTlsAsync(ServerAddress address)
    {
        using var patience = new CancellationTokenSource(Patience);
        bool hasCertificate = false;
        try
        {
            await using var tls = new SslStream(
                await address.ConnectAsync(patience.Token),
                leaveInnerStreamOpen: false,
                (_, _, _, errors) =>
                {
                    hasCertificate = true;
                    return errors == SslPolicyErrors.None;
                }
            );
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Endpoint.Host }, patience.Token);
        }
        catch (Exception error) when (error is AuthenticationException or IOException or OperationCanceledException)
        {
            // A certificate that is not trusted is TLS all the same.
        }

        return hasCertificate;
    }
}
