using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>The setting is unset, or a file whose first line is a token of at least 8 characters.</summary>
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
            return File.ReadLines(path).FirstOrDefault()?.Trim().Length >= SecurityOptions.ShortestToken;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        $"{name} must name a readable file whose first line is a token of at least 8 characters.";
}
