using System.ComponentModel.DataAnnotations;
using SeaGrpc.Server.Hosting;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is an address that <see cref="ListenAddress"/> can read.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListenAddressAttribute : ValidationAttribute
{
    /// <summary>Whether <c>none</c> is allowed too.</summary>
    public bool AllowNone { get; set; }

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is string text && ((AllowNone && text == ListenAddress.None) || ListenAddress.TryParse(text, out _));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        $"{name} must be http://HOST:PORT (HOST an IP address, localhost or *) or unix:PATH{(AllowNone ? ", or none" : string.Empty)}.";
}
