using System.Globalization;

namespace SeaGrpc.Alignment.Parameters;

/// <summary>Values of parameters as written on the command line and in tables.</summary>
public static class ParameterText
{
    /// <summary>No value of an optional parameter.</summary>
    private const string None = "none";

    /// <summary>A value's text: <c>0.3</c>, <c>true</c>, <c>gradient_flips</c>, or <c>none</c> for no value.</summary>
    public static string Of(object? value) => value switch
    {
        null => None,
        bool truth => truth ? "true" : "false",
        Enum choice => ContractNames.Snake(choice.ToString()),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>The value of a text.</summary>
    /// <exception cref="ArgumentException">The parameter has no such value. The message lists its values.</exception>
    public static object? Parse(Parameter parameter, string text)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return Read(parameter, text)
            ?? (
                parameter.IsOptional && text == None
                    ? null
                    : throw new ArgumentException($"{parameter.Name} must be {Expected(parameter)}, but is {text}."));
    }

    /// <summary>An enum's value without the enum's name, in lower case with underscores: <c>paper</c> for <c>SEA_NOISE_PAPER</c>.</summary>
    internal static string Plain(string value, string enumName)
    {
        string plain = value.Replace('-', '_');
        string prefix = enumName.ToUpperInvariant() + "_";
        return plain.StartsWith(prefix, StringComparison.Ordinal) ? plain[prefix.Length..].ToLowerInvariant() : plain;
    }

    private static object? Read(Parameter parameter, string text)
    {
        switch (parameter.Type)
        {
            case ParameterType.Integer:
                return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int whole)
                    && parameter.Range!.Value.Contains(whole) ? whole : null;
            case ParameterType.Number:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                    && parameter.Range!.Value.Contains(number) ? number : null;
            case ParameterType.Boolean:
                return bool.TryParse(text, out bool truth) ? truth : null;
            default:
                string name = Plain(text, ContractNames.Snake(parameter.ValueType.Name));
                return parameter.Choices.FirstOrDefault(choice => ContractNames.Snake(choice) == name) is { } known
                    ? Enum.Parse(parameter.ValueType, known)
                    : null;
        }
    }

    private static string Expected(Parameter parameter)
    {
        string expected = parameter.Type switch
        {
            ParameterType.Integer => $"a whole number, {parameter.Range}",
            ParameterType.Number => string.Create(
                CultureInfo.InvariantCulture,
                $"a number, {parameter.Range} ({(decimal)parameter.Range!.Value.Minimum} to {(decimal)parameter.Range.Value.Maximum})"),
            ParameterType.Boolean => "true or false",
            _ => $"one of {string.Join(", ", parameter.Choices.Select(ContractNames.Snake))}",
        };
        return parameter.IsOptional ? $"{expected}, or {None}" : expected;
    }
}
