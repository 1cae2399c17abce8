using System.Globalization;
using System.Numerics;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Python's int() and float() for text.</summary>
internal static class PythonParsing
{
    /// <summary>
    /// An integer in a base from 2 to 36, or in the base of its prefix if the base is 0; null if the text is not an integer.
    /// </summary>
    internal static object? Whole(string text, long numberBase)
    {
        var digits = Ascii(text);
        var isNegative = digits.StartsWith('-');
        digits = digits is ['+' or '-', ..] ? digits[1..] : digits;
        var prefixed = digits.Length > 1 && digits[0] == '0'
            ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 }
            : 0;
        if (prefixed > 0 && (numberBase == 0 || numberBase == prefixed))
        {
            numberBase = prefixed;
            digits = digits[2..] is ['_', .. var rest] ? rest : digits[2..];
        }
        else if (numberBase == 0)
        {
            numberBase = 10;
            if (digits.StartsWith('0') && digits.Trim('0', '_').Length > 0)
            {
                return null;
            }
        }

        if (numberBase is < 2 or > 36 || !HasDigits(digits, c => ValueOf(c) is var value && value >= 0 && value < numberBase))
        {
            return null;
        }

        var number = BigInteger.Zero;
        foreach (var c in digits.Where(c => c != '_').Take(JinjaBudget.MaxDigits + 1))
        {
            number = (number * numberBase) + ValueOf(c);
        }

        return digits.Length > JinjaBudget.MaxDigits ? null : PythonNumbers.Of(isNegative ? -number : number);
    }

    /// <summary>A floating-point number, or null if the text is not one.</summary>
    internal static double? Real(string text)
    {
        var digits = Ascii(text);
        var unsigned = digits is ['+' or '-', ..] ? digits[1..] : digits;
        switch (unsigned.ToLowerInvariant())
        {
            case "inf" or "infinity":
                return digits[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan":
                return double.NaN;
        }

        var exponent = unsigned.AsSpan().IndexOfAny('e', 'E');
        var mantissa = exponent < 0 ? unsigned : unsigned[..exponent];
        var power = exponent < 0 ? "0" : unsigned[(exponent + 1)..];
        var parts = mantissa.Split('.');
        var valid = parts.Length <= 2 && parts.Any(part => part.Length > 0)
            && parts.All(part => part.Length == 0 || HasDigits(part, char.IsAsciiDigit))
            && HasDigits(power is ['+' or '-', ..] ? power[1..] : power, char.IsAsciiDigit);
        return valid
            ? double.Parse(digits.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture)
            : null;
    }

    private static bool HasDigits(string text, Func<char, bool> isDigit) => text.Length > 0 && isDigit(text[0]) && isDigit(text[^1])
        && text.All(c => c == '_' || isDigit(c)) && !text.Contains("__", StringComparison.Ordinal);

    private static int ValueOf(char c) => char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : -1;

    // Digits of other scripts are accepted, and surrounding white space is ignored.
    private static string Ascii(string text)
    {
        var ascii = new StringBuilder();
        foreach (var point in PythonCase.Points(PythonText.Strip(text, null, true, true)))
        {
            ascii.Append(
                point < 0x80 ? (char)point : PythonCharacters.DecimalValue(point) is var value and >= 0 ? (char)('0' + value) : '\uFFFD');
        }

        return ascii.ToString();
    }
}
