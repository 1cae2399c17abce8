using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is empty, <c>*</c>, or a comma-separated list of origins as browsers send them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WebOriginsAttribute : ValidationAttribute
{
    /// <summary>Any origin.</summary>
    public const string Any = "*";

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not string { Length: > 0 } text || text == Any)
        {
            return ValidationResult.Success;
        }

        string[] problems = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Problem).OfType<string>()];
        return problems.Length == 0
            ? ValidationResult.Success
            : new ValidationResult(string.Join(' ', problems), [validationContext.MemberName!]);
    }

    private static string? Problem(string origin)
    {
        if (origin.Length == 0)
        {
            return "One entry is empty: remove the extra comma.";
        }

        if (origin == Any)
        {
            return "* stands for every origin: write it alone, or omit it.";
        }

        if (origin.Contains(Any, StringComparison.Ordinal))
        {
            return $"'{origin}' is not an origin: list each host separately, without wildcards.";
        }

        if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            return $"'{origin}' is not an origin: write https://HOST or http://HOST, with :PORT unless it is the default one.";
        }

        // Browsers send the port only if it is not the scheme's default.
        string sent = uri.GetLeftPart(UriPartial.Scheme)
            + (uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost)
            + (uri.IsDefaultPort ? string.Empty : $":{uri.Port}");
        return Uri.CheckHostName(uri.Host.Trim('[', ']')) == UriHostNameType.Unknown
            ? $"'{origin}' is not an origin: its host is not a host name."
            : string.Equals(sent, origin, StringComparison.OrdinalIgnoreCase) ? null
            : $"'{origin}' is not written as browsers send it: write {sent}.";
    }
}
