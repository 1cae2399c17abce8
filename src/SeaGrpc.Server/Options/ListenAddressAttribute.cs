using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is an address that <see cref="ListenAddress"/> can read.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListenAddressAttribute : ValidationAttribute
{
    /// <summary>Whether <c>none</c> is also allowed.</summary>
    public bool AllowNone { get; set; }

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        string[] members = [validationContext.MemberName!];
        if (AllowNone && value is ListenAddress.None)
        {
            return ValidationResult.Success;
        }

        return value is string text && ListenAddress.TryParse(text, out ListenAddress? address)
            ? address.Problem is { } problem ? new ValidationResult(problem, members) : ValidationResult.Success
            : new ValidationResult(
                $"It must be http://HOST:PORT or https://HOST:PORT (HOST an IP address, with IPv6 in brackets, localhost, or * for all) or "
                    + $"unix:PATH{(AllowNone ? ", or none" : string.Empty)}.", members);
    }
}
