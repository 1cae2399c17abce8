using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is the address of a collector, <see cref="None"/>, or absent.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TracesEndpointAttribute : ValidationAttribute
{
    /// <summary>The value for no address.</summary>
    public const string None = "none";

    /// <summary>What an address must be.</summary>
    internal const string Expected = "http://HOST:PORT or https://HOST:PORT, also with a path, without user, query and fragment";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null or None || (value is string text && Read(text) is not null);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"It must be {Expected}, or {None}.";

    /// <summary>The address, or null if the text is none.</summary>
    internal static Uri? Read(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0 ? url : null;
}
