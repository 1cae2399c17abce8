using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace SeaGrpc.Server.Settings;

/// <summary>Checks values against what their options type declares: ranges, formats, and combinations.</summary>
internal static class OptionsValidation
{
    /// <summary>Returns every violation.</summary>
    /// <param name="options">The bound options.</param>
    /// <param name="section">Key of the section.</param>
    /// <param name="shape">Shape of the options.</param>
    public static IEnumerable<SettingViolation> Validate(object options, string section, SectionShape shape)
    {
        var context = new ValidationContext(options);
        var found = new List<ValidationResult>();
        bool isValid = Validator.TryValidateObject(options, context, found, validateAllProperties: true);
        if (!isValid && options is IValidatableObject whole)
        {
            // The validator skips this if a single value is wrong, but all violations are reported together.
            found.AddRange(whole.Validate(context).Where(result => found.TrueForAll(other => other.ErrorMessage != result.ErrorMessage)));
        }

        return found.SelectMany(result => result.MemberNames.DefaultIfEmpty(string.Empty).Select(member =>
            new SettingViolation(
                member.Length == 0 ? section : $"{section}:{member}", $"{result.ErrorMessage}{Value(options, shape, member)}")));
    }

    private static string Value(object options, SectionShape shape, string member) =>
        shape.Members.TryGetValue(member, out SettingShape? found) && found is ValueShape value && !SettingValue.IsSecret(value)
            && Convert.ToString(value.Property.GetValue(options), CultureInfo.InvariantCulture) is { } text
            ? $" It is {SettingValue.Shown(value, text)}."
            : string.Empty;
}
