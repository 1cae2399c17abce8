using System.Globalization;
using System.Numerics;

namespace SeaGrpc.Lab.Evaluation.Judging.Numbers;

/// <summary>A fraction in lowest terms with a positive denominator.</summary>
internal readonly record struct ExactRational
{
    /// <summary>Longest numerator or denominator that powers make, in bits: beyond it there is no exact value.</summary>
    private const long MaxBits = 4096;

    /// <summary>Reduces a fraction.</summary>
    /// <exception cref="DivideByZeroException">The denominator is 0.</exception>
    public ExactRational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
        {
            throw new DivideByZeroException();
        }

        BigInteger divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        (Numerator, Denominator) = (numerator / divisor, denominator / divisor);
    }

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public bool IsZero => Numerator.IsZero;

    public bool IsInteger => Denominator.IsOne;

    /// <summary>Reads ASCII digits with at most one point: 12, 0.5, .5, 3.</summary>
    public static ExactRational ParseDecimal(ReadOnlySpan<char> text)
    {
        int point = text.IndexOf('.');
        int places = point < 0 ? 0 : text.Length - point - 1;
        string digits = point < 0 ? text.ToString() : string.Concat(text[..point], text[(point + 1)..]);
        return new ExactRational(
            digits.Length == 0 ? 0 : BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture), BigInteger.Pow(10, places));
    }

    public static ExactRational operator +(ExactRational a, ExactRational b) =>
        new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static ExactRational operator -(ExactRational a) => new(-a.Numerator, a.Denominator);

    public static ExactRational operator -(ExactRational a, ExactRational b) => a + -b;

    public static ExactRational operator *(ExactRational a, ExactRational b) =>
        new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static ExactRational operator /(ExactRational a, ExactRational b) =>
        new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    /// <summary>The power of a whole exponent.</summary>
    /// <returns>Null for another exponent, a power of 0 that is not a number, or a value too long to keep.</returns>
    public static ExactRational? Power(ExactRational power, ExactRational exponent)
    {
        long bits = Math.Max(power.Numerator.GetBitLength(), power.Denominator.GetBitLength());
        if (!exponent.IsInteger || BigInteger.Abs(exponent.Numerator) > MaxBits || bits * (long)BigInteger.Abs(exponent.Numerator) > MaxBits
            || (power.IsZero && exponent.Numerator.Sign <= 0))
        {
            return null;
        }

        int count = (int)BigInteger.Abs(exponent.Numerator);
        (BigInteger top, BigInteger bottom) = (BigInteger.Pow(power.Numerator, count), BigInteger.Pow(power.Denominator, count));
        return exponent.Numerator.Sign < 0 ? new ExactRational(bottom, top) : new ExactRational(top, bottom);
    }

    /// <summary>The nearest double, also where numerator and denominator are too long for one.</summary>
    public double ToDouble()
    {
        int shift = (int)Math.Max(0, Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength()) - 1000);
        return (double)(Numerator >> shift) / (double)(Denominator >> shift);
    }

    public override string ToString() =>
        IsInteger
            ? Numerator.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");
}
