using System.Numerics;
using SeaGrpc.Lab.Evaluation.Judging.Numbers;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>The functions and constants that formulas name.</summary>
internal static class MathFunctions
{
    /// <summary>Largest number whose factorial is computed.</summary>
    private const int MaxFactorial = 200;

    /// <summary>Functions of one argument by name.</summary>
    public static IReadOnlyDictionary<string, Func<Complex, Complex>> ByName { get; } = new Dictionary<string, Func<Complex, Complex>>
    {
        ["sin"] = Complex.Sin,
        ["cos"] = Complex.Cos,
        ["tan"] = Complex.Tan,
        ["cot"] = value => 1 / Complex.Tan(value),
        ["sec"] = value => 1 / Complex.Cos(value),
        ["csc"] = value => 1 / Complex.Sin(value),
        ["arcsin"] = Complex.Asin,
        ["arccos"] = Complex.Acos,
        ["arctan"] = Complex.Atan,
        ["sinh"] = Complex.Sinh,
        ["cosh"] = Complex.Cosh,
        ["tanh"] = Complex.Tanh,
        ["ln"] = Complex.Log,
        ["log"] = value => Complex.Log(value, 10),
        ["exp"] = Complex.Exp,
    };

    /// <summary>Constants by name.</summary>
    public static IReadOnlyDictionary<string, Complex> Constants { get; } =
        new Dictionary<string, Complex> { ["pi"] = Math.PI, ["e"] = Math.E, ["i"] = Complex.ImaginaryOne };

    /// <summary>The absolute value.</summary>
    public static Complex Absolute(Complex value) => Complex.Abs(value);

    /// <summary>n! of a small whole number.</summary>
    /// <returns>Null for any other number.</returns>
    public static ExactRational? Factorial(ExactRational? number) =>
        number is { IsInteger: true } whole && whole.Numerator >= 0 && whole.Numerator <= MaxFactorial
            ? new ExactRational(
                Enumerable.Range(1, (int)whole.Numerator).Aggregate(BigInteger.One, (product, factor) => product * factor), 1)
            : null;
}
