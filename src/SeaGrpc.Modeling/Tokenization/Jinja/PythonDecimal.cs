using System.Globalization;
using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The decimal digits of a finite double, rounded as in Python: exactly, half to even.</summary>
internal static class PythonDecimal
{
    /// <summary>Python's repr: the shortest digits that identify the number.</summary>
    internal static string Shortest(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var (negative, digits, exponent) = ShortestDigits(value);
        var text = exponent is < -4 or >= 16 ? Scientific(digits, exponent, "e") : Plain(digits, exponent, minimum: 1);
        return negative ? "-" + text : text;
    }

    /// <summary>Digits after the point as in the format f, without the sign.</summary>
    internal static string Fixed(double value, int precision)
    {
        var scaled = Scaled(value, precision).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return precision == 0 ? scaled : $"{scaled[..^precision]}.{scaled[^precision..]}";
    }

    /// <summary>A number of significant digits and the exponent of the first one, for the formats e and g.</summary>
    internal static (string Digits, int Exponent) Significant(double value, int count)
    {
        if (value == 0)
        {
            return (new string('0', count), 0);
        }

        var exponent = ShortestDigits(value).Exponent;
        while (true)
        {
            var digits = Scaled(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
            {
                return (digits, exponent);
            }

            exponent += digits.Length > count ? 1 : -1;
        }
    }

    /// <summary>Digits with an exponent of at least two digits.</summary>
    internal static string Scientific(string digits, int exponent, string letter, bool keepsPoint = false)
    {
        var fraction = digits.Length > 1 ? "." + digits[1..] : keepsPoint ? "." : "";
        return $"{digits[0]}{fraction}{letter}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>Digits without an exponent, with a minimum number of digits after the point.</summary>
    internal static string Plain(string digits, int exponent, int minimum)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        var whole = digits.Length > exponent ? digits[..(exponent + 1)] : digits.PadRight(exponent + 1, '0');
        var fraction = (digits.Length > exponent ? digits[(exponent + 1)..] : "").PadRight(minimum, '0');
        return fraction.Length > 0 ? $"{whole}.{fraction}" : whole;
    }

    /// <summary>A number rounded to a number of digits after the point; before it if negative.</summary>
    internal static double Round(double value, long places)
    {
        if (!double.IsFinite(value) || value == 0 || places > 400)
        {
            return value;
        }

        if (places < -400)
        {
            return Math.CopySign(0, value);
        }

        var scaled = Scaled(Math.Abs(value), (int)places);
        var rounded = double.Parse($"{scaled}E{-places}", CultureInfo.InvariantCulture);
        return double.IsFinite(rounded) ? Math.CopySign(rounded, value) : throw JinjaFault.Because("a rounded number is too large");
    }

    private static (bool IsNegative, string Digits, int Exponent) ShortestDigits(double value)
    {
        var parts = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var power = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var exponent = (point < 0 ? parts[0].Length : point) - 1 + power;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return digits.Length == 0
            ? (double.IsNegative(value), "0", 0)
            : (double.IsNegative(value), digits.TrimEnd('0'), exponent - (all.Length - digits.Length));
    }

    // |value| * 10^places, rounded to an integer.
    private static BigInteger Scaled(double value, int places)
    {
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        var stored = (int)(bits >> 52);
        BigInteger numerator = (bits & ((1L << 52) - 1)) | (stored == 0 ? 0 : 1L << 52);
        var power = Math.Max(stored, 1) - 1075;
        BigInteger denominator = 1;
        _ = power >= 0 ? numerator <<= power : denominator <<= -power;
        _ = places >= 0 ? numerator *= BigInteger.Pow(10, places) : denominator *= BigInteger.Pow(10, -places);
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var half = (rest << 1).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
