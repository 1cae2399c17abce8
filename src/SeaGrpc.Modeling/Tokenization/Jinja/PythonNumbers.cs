using System.Globalization;
using System.Numerics;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Python's numbers: a long, a BigInteger if a long is too small, or a double. Booleans count as 0 and 1.</summary>
internal static class PythonNumbers
{
    /// <summary>Maximum size of an integer in bits. Python prints at most 4,300 digits.</summary>
    internal const long MaxBits = 14_284;

    /// <summary>The number for a value, with a bool as a long; null for other values.</summary>
    internal static object? Of(object? value) => value switch
    {
        bool truth => truth ? 1L : 0L,
        long or double or BigInteger => value,
        _ => null,
    };

    internal static object Of(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            return (long)value;
        }

        return value.GetBitLength() <= MaxBits ? value : throw TooLong();
    }

    internal static BigInteger Whole(object number) => number is long value ? value : (BigInteger)number;

    /// <summary>A position in a sequence: an integer, clipped to 32 bits.</summary>
    internal static long Clamp(object? value, string name) =>
        Of(value) is long or BigInteger
            ? (long)BigInteger.Clamp(Whole(Of(value)!), int.MinValue, int.MaxValue)
            : throw (
                value is JinjaUndefined undefined
                    ? undefined.Fault()
                    : JinjaFault.Because($"'{name}' must be a whole number, and is {JinjaFault.KindOf(value)}")
            );

    /// <summary>The nearest double.</summary>
    internal static double ToDouble(object number)
    {
        if (number is not BigInteger big)
        {
            return number is long value ? value : (double)number;
        }

        var result = double.Parse(big.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.IsFinite(result) ? result : throw JinjaFault.Because("a whole number is too large for a floating-point number");
    }

    /// <summary>A double truncated to an integer.</summary>
    internal static object Truncate(double value) => double.IsFinite(value)
        ? Of(new BigInteger(Math.Truncate(value)))
        : throw JinjaFault.Because("an infinite number or none at all has no whole number");

    internal static bool IsTrue(object number) => number switch
    {
        long value => value != 0,
        double value => value != 0,
        _ => true,
    };

    /// <summary>The exact order of two numbers; null if one of them is not a number.</summary>
    internal static int? Compare(object left, object right)
    {
        if (left is double a && right is double b)
        {
            return double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);
        }

        if (left is double x)
        {
            return -Compare(right, x);
        }

        if (right is not double y)
        {
            return Whole(left).CompareTo(Whole(right));
        }

        if (!double.IsFinite(y))
        {
            return double.IsNaN(y) ? null : y > 0 ? -1 : 1;
        }

        var floor = Math.Floor(y);
        var order = Whole(left).CompareTo(new BigInteger(floor));
        return order != 0 ? order : y > floor ? -1 : 0;
    }

    internal static object Negate(object number) => number is double value ? -value : Of(-Whole(number));

    internal static object Apply(string symbol, object left, object right)
    {
        if (symbol is "/" or "//" or "%" && !IsTrue(right))
        {
            throw JinjaFault.Because("a division by zero");
        }

        if (symbol == "/" && left is not double && right is not double)
        {
            return DivideWhole(Whole(left), Whole(right));
        }

        if (symbol == "**" && left is not double && right is not double && Whole(right) >= 0)
        {
            return Power(Whole(left), Whole(right));
        }

        return left is double || right is double || symbol == "**"
            ? Calculate(symbol, ToDouble(left), ToDouble(right))
            : Calculate(symbol, Whole(left), Whole(right));
    }

    /// <summary>Python's floor division, whose remainder has the sign of the divisor.</summary>
    internal static (BigInteger Quotient, BigInteger Remainder) FloorDivide(BigInteger left, BigInteger right)
    {
        var quotient = BigInteger.DivRem(left, right, out var remainder);
        return !remainder.IsZero && (remainder.Sign < 0) != (right.Sign < 0) ? (quotient - 1, remainder + right) : (quotient, remainder);
    }

    private static object Calculate(string symbol, BigInteger left, BigInteger right) => Of(symbol switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "//" => FloorDivide(left, right).Quotient,
        _ => FloorDivide(left, right).Remainder,
    });

    private static object Calculate(string symbol, double left, double right) => symbol switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "//" => FloorDivide(left, right).Quotient,
        "%" => FloorDivide(left, right).Remainder,
        _ => Power(left, right),
    };

    private static (double Quotient, double Remainder) FloorDivide(double left, double right)
    {
        var remainder = left % right;
        var quotient = (left - remainder) / right;
        if (remainder == 0)
        {
            remainder = Math.CopySign(0, right);
        }
        else if ((right < 0) != (remainder < 0))
        {
            remainder += right;
            quotient--;
        }

        if (quotient == 0)
        {
            return (Math.CopySign(0, left / right), remainder);
        }

        var floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, remainder);
    }

    private static object Power(BigInteger value, BigInteger exponent)
    {
        if (value.IsZero || value.IsOne || value == BigInteger.MinusOne)
        {
            return Of(exponent.IsZero ? 1 : value == BigInteger.MinusOne && exponent.IsEven ? 1 : value);
        }

        return exponent * (value.GetBitLength() - 1) <= MaxBits ? Of(BigInteger.Pow(value, (int)exponent)) : throw TooLong();
    }

    private static object Power(double value, double exponent)
    {
        if (value == 0 && exponent < 0)
        {
            throw JinjaFault.Because("zero has no negative power");
        }

        if (value < 0 && double.IsFinite(value) && double.IsFinite(exponent) && Math.Floor(exponent) != exponent)
        {
            throw JinjaFault.Because("a negative number's power with a fraction is complex, which is not supported");
        }

        var result = Math.Pow(value, exponent);
        return double.IsInfinity(result) && double.IsFinite(value) && double.IsFinite(exponent)
            ? throw JinjaFault.Because("a power is too large")
            : result;
    }

    // Rounded once, as in Python: 64 bits of the quotient, and one more bit for a remainder.
    private static double DivideWhole(BigInteger left, BigInteger right)
    {
        if (BigInteger.Abs(left) < 1L << 53 && BigInteger.Abs(right) < 1L << 53)
        {
            return (double)(long)left / (long)right;
        }

        var sign = left.Sign * right.Sign;
        var (numerator, denominator) = (BigInteger.Abs(left), BigInteger.Abs(right));
        var shift = (int)Math.Clamp(66 - (numerator.GetBitLength() - denominator.GetBitLength()), -MaxBits * 2, MaxBits * 2);
        var quotient = shift >= 0
            ? BigInteger.DivRem(numerator << shift, denominator, out var rest)
            : BigInteger.DivRem(numerator, denominator << -shift, out rest);
        var value = ToDouble(rest.IsZero ? quotient << 1 : (quotient << 1) | 1);
        var result = sign * Math.ScaleB(value, -shift - 1);
        return double.IsFinite(result) ? result : throw JinjaFault.Because("a quotient is too large for a floating-point number");
    }

    private static ChatTemplateException TooLong() => JinjaFault.Because($"a whole number has more than {MaxBits} bits");
}
