namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Formats a floating-point number as e, f or g (or their capitals), without its sign.</summary>
internal static class FloatText
{
    private const int MaxPrecision = 4096;

    /// <summary>Writes the absolute value.</summary>
    /// <param name="value">The number.</param>
    /// <param name="type">One of eEfFgG, or a space for g with at least one digit after the point.</param>
    /// <param name="precision">Digits after the point, or significant digits for g.</param>
    /// <param name="keepsPoint">Whether the point stays without digits after it, and g keeps trailing zeros.</param>
    internal static string Write(double value, char type, long precision, bool keepsPoint)
    {
        if (precision is < 0 or > MaxPrecision)
        {
            throw JinjaFault.Because($"a number's format asks for {precision} digits and at most {MaxPrecision} are supported");
        }

        if (!double.IsFinite(value))
        {
            var name = double.IsNaN(value) ? "nan" : "inf";
            return char.IsUpper(type) ? name.ToUpperInvariant() : name;
        }

        var letter = char.IsUpper(type) ? "E" : "e";
        switch (char.ToLowerInvariant(type))
        {
            case 'f':
                return PythonDecimal.Fixed(value, (int)precision) + (precision == 0 && keepsPoint ? "." : "");
            case 'e':
                var (digits, exponent) = PythonDecimal.Significant(value, (int)precision + 1);
                return PythonDecimal.Scientific(digits, exponent, letter, keepsPoint);
            default:
                return General(value, (int)Math.Max(1, precision), letter, keepsPoint, type == ' ');
        }
    }

    private static string General(double value, int precision, string letter, bool keepsPoint, bool keepsDigit)
    {
        var (digits, exponent) = PythonDecimal.Significant(value, precision);
        var kept = keepsPoint ? digits : digits.TrimEnd('0') is { Length: > 0 } trimmed ? trimmed : "0";
        if (exponent < -4 || exponent >= (keepsDigit ? precision - 1 : precision))
        {
            return PythonDecimal.Scientific(kept, exponent, letter, keepsPoint);
        }

        var text = PythonDecimal.Plain(kept, exponent, keepsDigit ? 1 : 0);
        return keepsPoint && !text.Contains('.') ? text + "." : text;
    }
}
