using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace SeaGrpc.Server.Settings;

/// <summary>
/// Checks whether a text is a value of a setting's type. The options themselves check ranges (<see cref="OptionsValidation"/>).
/// </summary>
internal static class SettingValue
{
    /// <summary>What is wrong with the value, or null.</summary>
    /// <param name="shape">The setting.</param>
    /// <param name="text">The given value; null if a file contains null.</param>
    public static string? Problem(ValueShape shape, string? text)
    {
        Type type = Nullable.GetUnderlyingType(shape.Type) ?? shape.Type;
        if (text is null)
        {
            return shape.NeedsValue ? $"it has no value: give {Expected(shape, type)}, or omit the setting." : null;
        }

        if (text.Length == 0)
        {
            return shape.MayBeEmpty ? null : $"it is empty: give {Expected(shape, type)}, or omit the setting.";
        }

        return type == typeof(string)
            ? TextProblem(shape, text)
            : IsValid(type, text)
            ? null
            : $"{Shown(shape, text)} is not {Expected(shape, type)}.";
    }

    /// <summary>A value as shown in a message: secrets hidden, control characters escaped, long text truncated.</summary>
    public static string Shown(ValueShape shape, string text) => IsSecret(shape) ? "its value" : $"'{CallerText.Shown(text)}'";

    /// <summary>Whether the value may not be shown.</summary>
    public static bool IsSecret(ValueShape shape) =>
        shape.Property.IsDefined(typeof(DataTypeAttribute), inherit: true)
        && shape.Property.GetCustomAttributes(typeof(DataTypeAttribute), inherit: true)
            .Cast<DataTypeAttribute>()
            .Any(type => type.DataType == DataType.Password);

    private static string? TextProblem(ValueShape shape, string text) =>
        shape.Property.IsDefined(typeof(VerbatimAttribute), inherit: true) ? null
        : text.Any(char.IsControl) ? "it contains a line break or another control character: remove it."
        : text.Trim().Length == 0 ? "it consists of blanks: give a value, or omit the setting."
        : text.Trim().Length < text.Length ? "it begins or ends with a blank: remove it."
        : null;

    private static bool IsValid(Type type, string text)
    {
        if (type.IsEnum)
        {
            // The converter would also accept numbers and lists of names.
            return Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase);
        }

        if (type == typeof(TimeSpan) && !text.Contains(':', StringComparison.Ordinal))
        {
            // .NET reads a bare number as days, which nobody intends.
            return text == "0";
        }

        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not (null or double.NaN);
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Expected(ValueShape shape, Type type)
    {
        if (type.IsEnum)
        {
            return $"one of {string.Join(", ", Enum.GetNames(type))}";
        }

        string kind = type == typeof(bool) ? "true or false"
            : type == typeof(TimeSpan) ? "a time as hours:minutes:seconds"
            : type == typeof(double) || type == typeof(float) ? "a number"
            : type == typeof(string) ? "a text"
            : "a whole number";
        return
            shape.Property.GetCustomAttributes(typeof(RangeAttribute), inherit: true).OfType<RangeAttribute>().FirstOrDefault() is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"{kind} from {range.Minimum} to {range.Maximum}")
            : kind;
    }
}
