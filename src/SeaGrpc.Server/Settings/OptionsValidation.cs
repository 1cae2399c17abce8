using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace SeaGrpc.Server.Settings;

/// <summary>Checks what an options type declares of its values: ranges, forms, and what must fit together.</summary>
internal static class OptionsValidation
{
    /// <summary>Every violation.</summary>
    /// <param name="options">The bound options.</param>
    /// <param name="section">Their key.</param>
    /// <param name="shape">Their shape.</param>
    public static IEnumerable<SettingViolation> Validate(object options, string section, SectionShape shape)
    {
        var context = new ValidationContext(options);
        var found = new List<ValidationResult>();
        bool isValid = Validator.TryValidateObject(options, context, found, validateAllProperties: true);
        if (!isValid && options is IValidatableObject whole)
        {
            // The validator leaves this out where a single value is wrong: all violations are told at once.
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
