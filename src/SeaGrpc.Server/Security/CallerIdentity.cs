using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SeaGrpc.Server.Security;

/// <summary>
/// Identifies a caller. Request ids, replays and cancellations belong to the caller that created them. A caller of the operator's file is
/// known by its name, whichever of its tokens it sends. Otherwise the call's token counts: if the server requires one token, all callers
/// share it; if a proxy in front of the server checks tokens and passes them on, each token is a caller. A call without a token is known
/// by its certificate, if it has one.
/// </summary>
internal static class CallerIdentity
{
    private const string Scheme = "Bearer ";
    private const string AlternativeNames = "2.5.29.17";

    /// <summary>The identity of a caller in the operator's file.</summary>
    public static string OfName(string name) => $"name:{name}";

    /// <summary>A digest of the call's token, or of the names in its certificate; empty if it has neither.</summary>
    /// <param name="header">The header <c>authorization</c>, or null.</param>
    /// <param name="certificate">The certificate of the connection, or null.</param>
    public static string Of(string? header, X509Certificate2? certificate) =>
        header is not null ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Token(header) ?? header)))
        : certificate is not null ? $"certificate:{Convert.ToHexString(SHA256.HashData(Names(certificate)))}"
        : string.Empty;

    /// <summary>The bearer token of an authorization header, or null for other kinds.</summary>
    public static string? Token(string header) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;

    /// <summary>What stays the same when a certificate is renewed: its subject and alternative names.</summary>
    private static byte[] Names(X509Certificate2 certificate) =>
        [.. certificate.SubjectName.RawData, .. certificate.Extensions[AlternativeNames]?.RawData ?? []];
}
