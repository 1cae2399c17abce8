using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace SeaGrpc.Server.Options;

/// <summary>Checks the ranges that an options class declares; every message names the setting and says where to change it.</summary>
/// <param name="section">The configuration section that the options are bound to.</param>
internal sealed class RangeValidation<TOptions>(string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        return found.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(found.Select(result => Describe(options, result)));
    }

    private string Describe(TOptions options, ValidationResult result)
    {
        string member = result.MemberNames.FirstOrDefault() ?? string.Empty;
        string key = $"{section}:{member}";
        PropertyInfo? property = typeof(TOptions).GetProperty(member);
        string shown = property is null || member.StartsWith("AuthToken", StringComparison.Ordinal) ? string.Empty : $" It is {property.GetValue(options)}.";
        return $"Setting {key}: {result.ErrorMessage}{shown} Change it in appsettings.json, "
            + $"as environment variable {key.Replace(":", "__", StringComparison.Ordinal)}, or on the command line as --{key}=VALUE.";
    }
}
