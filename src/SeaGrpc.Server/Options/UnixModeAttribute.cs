using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is an octal file mode that lets the owner connect to a socket.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnixModeAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string text && UnixRights.TryParseMode(text, out _);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        "It must be an octal mode from 600 to 777 that lets the owner read and write: 600 for the server's user alone, "
            + "660 for a group too, 666 for all.";
}
