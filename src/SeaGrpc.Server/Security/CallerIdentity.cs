using System.Security.Cryptography;
using System.Text;
using Grpc.Core;

namespace SeaGrpc.Server.Security;

/// <summary>
/// Identifies the caller by the token of the call. Request ids, replays and cancellations belong to the caller that created them. If the
/// server requires a token, all callers share it. If a proxy in front of the server checks tokens and passes them on, each token is a
/// caller.
/// </summary>
internal static class CallerIdentity
{
    private const string Scheme = "Bearer ";

    /// <summary>The digest of the call's token; empty if it has none.</summary>
    public static string Of(Metadata headers) =>
        headers.GetValue("authorization") is { } header
            ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Token(header) ?? header)))
            : string.Empty;

    /// <summary>The bearer token of an authorization header, or null for other kinds.</summary>
    public static string? Token(string header) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
}
