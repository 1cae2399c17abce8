using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is the address of a reward outside the server, or absent.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RewardEndpointAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null
        || (value is string text
            && (IsUnix(text) ? ListenAddress.TryParse(text, out _) : Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && IsWeb(url)));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        "It must be http://HOST:PORT or https://HOST:PORT, also with a path, without user, query and fragment, or unix:PATH.";

    /// <summary>Whether an address is the path of a Unix socket.</summary>
    internal static bool IsUnix(string address) => address.StartsWith("unix:", StringComparison.Ordinal);

    private static bool IsWeb(Uri url) => (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
}
