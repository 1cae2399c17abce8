using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is unset, or a group on this machine.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnixGroupAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not string group || UnixRights.GroupId(group) is not null;

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        "It must be the name of a group of this machine, or the number of any group: "
        + "names differ between containers, so use the number there.";
}
