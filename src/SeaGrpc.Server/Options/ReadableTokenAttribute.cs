using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is unset, or a file whose first line is a token of 8 to 4096 characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReadableTokenAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value)
    {
        if (value is not string path)
        {
            return true;
        }

        try
        {
            return SecurityOptions.FirstLine(path) is { } line && AuthTokenAttribute.IsToken(line);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        $"{name} must name a readable file whose first line is a token of 8 to 4096 characters.";
}
