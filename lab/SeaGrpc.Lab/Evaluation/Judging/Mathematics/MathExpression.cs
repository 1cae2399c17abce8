using System.Numerics;
using SeaGrpc.Lab.Evaluation.Judging.Numbers;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>A formula that can be evaluated: exactly where it is rational, else at fixed points of the complex plane.</summary>
internal abstract record MathExpression
{
    /// <summary>The exact value; null if there is none.</summary>
    public virtual ExactRational? Exact => null;

    /// <summary>The value with every symbol at one of its points.</summary>
    /// <param name="point">Which point, from 0.</param>
    public abstract Complex At(int point);
}

/// <summary>A number.</summary>
internal sealed record NumberExpression(ExactRational Value) : MathExpression
{
    public override ExactRational? Exact => Value;

    public override Complex At(int point) => Value.ToDouble();
}

/// <summary>A known constant: pi, e or i.</summary>
internal sealed record ConstantExpression(Complex Value) : MathExpression
{
    public override Complex At(int point) => Value;
}

/// <summary>Something that stands for itself: a variable, a numeral with its base, infinity.</summary>
internal sealed record SymbolExpression(string Name) : MathExpression
{
    /// <summary>
    /// A value that depends on name and point alone, near the positive axis, where roots of products are products of roots.
    /// </summary>
    public override Complex At(int point)
    {
        ulong hash = 14695981039346656037 ^ (ulong)point; // FNV-1a
        foreach (char letter in Name)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        hash = (hash ^ (hash >> 31)) * 0x9E3779B97F4A7C15;
        return Complex.FromPolarCoordinates(
            0.5 + ((hash >> 40) / (double)(1 << 24) * 2), 0.05 + ((hash & 0xFFFFFF) / (double)(1 << 24) * 0.25));
    }
}

/// <summary>Two operands and one of + - * / ^.</summary>
internal sealed record BinaryExpression(char Operator, MathExpression Left, MathExpression Right) : MathExpression
{
    public override ExactRational? Exact => (Left.Exact, Right.Exact) switch
    {
        ({ } left, { } right) => Operator switch
        {
            '+' => left + right,
            '-' => left - right,
            '*' => left * right,
            '/' => right.IsZero ? null : left / right,
            _ => ExactRational.Power(left, right),
        },
        _ => null,
    };

    public override Complex At(int point)
    {
        Complex left = Left.At(point);
        Complex right = Right.At(point);
        return Operator switch
        {
            '+' => left + right,
            '-' => left - right,
            '*' => left * right,
            '/' => left / right,
            _ => Complex.Pow(left, right),
        };
    }
}

/// <summary>A function of one argument.</summary>
internal sealed record FunctionExpression(Func<Complex, Complex> Function, MathExpression Argument) : MathExpression
{
    public override Complex At(int point) => Function(Argument.At(point));
}
