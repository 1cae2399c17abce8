using System.Security.Authentication;
using System.Text;
using Google.Rpc;
using Grpc.Core;
using SeaGrpc.Cli.Output;

namespace SeaGrpc.Cli.Connections;

/// <summary>Puts a failed call into words.</summary>
internal static class RpcErrors
{
    /// <summary>Status, message, each field's violation and when to try again, one per line.</summary>
    /// <param name="error">The failed call.</param>
    /// <param name="address">Where the call went.</param>
    public static string Describe(RpcException error, ServerAddress address)
    {
        if (error.Status.DebugException?.GetBaseException() is AuthenticationException untrusted)
        {
            return MarkedText.Printable($"""
                The TLS connection to {address.Text} failed: {untrusted.Message}
                Name the root certificates to trust with --ca FILE, and call the server by a name that its certificate has.
                """);
        }

        if (error.StatusCode == StatusCode.Unavailable && error.Status.DebugException is { } cause)
        {
            var reason = address.SocketPath is { } path && !File.Exists(path)
                ? "There is no such socket"
                : cause.GetBaseException().Message;
            string certificate = address.Endpoint.Scheme == Uri.UriSchemeHttps
                ? "\nA server that asks for a certificate refuses connections without one: give --cert FILE and --key FILE."
                : string.Empty;
            return MarkedText.Printable($"""
                No server answers at {address.Text}: {reason}.
                Start one with 'dotnet run -c Release --project src/SeaGrpc.Server', or leave --server out to run one inside this process.{certificate}
                """);
        }

        var status = error.GetRpcStatus();
        var text = new StringBuilder($"The server answers {CodeName(error.StatusCode)}: {error.Status.Detail}");
        foreach (var violation in status?.GetDetail<BadRequest>()?.FieldViolations ?? [])
        {
            text.Append($"\n  {violation.Field}: {violation.Description}");
        }

        if (error.StatusCode == StatusCode.Unimplemented && status is null)
        {
            text.Append($"\nIt serves gRPC, but not sea.v1, or not all of it: {address.Text} may be another program.");
        }

        if (status?.GetDetail<RetryInfo>()?.RetryDelay is { } delay)
        {
            text.Append($"\nTry again in {Math.Max(0.1, delay.ToTimeSpan().TotalSeconds):0.#} s.");
        }

        if (error.StatusCode == StatusCode.Unauthenticated)
        {
            text.Append("\nName the server's token with --token.");
        }

        return MarkedText.Printable(text.ToString());
    }

    /// <summary>The code as gRPC writes it: <c>INVALID_ARGUMENT</c>.</summary>
    private static string CodeName(StatusCode code) =>
        string.Concat(code.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? "_" + letter : letter.ToString()))
            .ToUpperInvariant();
}
