using System.Numerics;
using System.Text.RegularExpressions;
using SeaGrpc.Lab.Evaluation.Judging.Numbers;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>Parses one scalar formula, in LaTeX or plain, as <see cref="LatexText.Clean"/> writes it.</summary>
/// <remarks>
/// sum: product ((+ | - | \pm | \mp) product)*; product: factor ((* | / | nothing) factor)*; factor: sign factor | power;
/// power: primary !* (^ exponent)?. A whole number right before a fraction of numbers is a mixed number.
/// </remarks>
/// <param name="text">The formula.</param>
/// <param name="upperSigns">Whether \pm means + (and \mp -) or the other way round.</param>
internal sealed class ExpressionParser(string text, bool upperSigns)
{
    private const int MaxDepth = 60;

    private readonly FormulaCursor _cursor = new(text);
    private int _depth;
    private int _bars;

    /// <summary>Parses a formula.</summary>
    /// <returns>Null where it is none.</returns>
    public static MathExpression? TryParse(string text, bool upperSigns)
    {
        try
        {
            return new ExpressionParser(text, upperSigns).Whole();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private MathExpression Whole()
    {
        MathExpression result = Sum();
        _cursor.SkipSpace();
        return _cursor.AtEnd ? result : throw _cursor.Unexpected();
    }

    private MathExpression Sum()
    {
        if (++_depth > MaxDepth)
        {
            throw _cursor.Unexpected();
        }

        MathExpression left = Product();
        while (SumOperator() is { } operation)
        {
            left = new BinaryExpression(operation, left, Product());
        }

        _depth--;
        return left;
    }

    private char? SumOperator() =>
        _cursor.Take("+")
            ? '+'
            : _cursor.Take("-")
            ? '-'
            : _cursor.Take(@"\pm")
            ? Sign(upperSigns)
            : _cursor.Take(@"\mp")
            ? Sign(!upperSigns)
            : null;

    private static char Sign(bool isPlus) => isPlus ? '+' : '-';

    private MathExpression Product()
    {
        MathExpression left = Factor();
        while (true)
        {
            if (_cursor.Take("*") || _cursor.Take(@"\cdot") || _cursor.Take(@"\times"))
            {
                left = new BinaryExpression('*', left, Factor());
            }
            else if (_cursor.Take("/") || _cursor.Take(@"\div"))
            {
                left = new BinaryExpression('/', left, Factor());
            }
            else if (StartsPrimary())
            {
                left = MixedNumber(left) ?? new BinaryExpression('*', left, Power());
            }
            else
            {
                return left;
            }
        }
    }

    /// <summary>1\frac{4}{5} and 1 4/5 are sums.</summary>
    private BinaryExpression? MixedNumber(MathExpression whole)
    {
        if (whole is not NumberExpression { Value.IsInteger: true } || _cursor.Take(FormulaPatterns.MixedFraction()) is not { } match)
        {
            return char.IsAsciiDigit(_cursor.Current) && whole is NumberExpression ? throw _cursor.Unexpected() : null;
        }

        ExactRational bottom = ExactRational.ParseDecimal(match.Groups["bottom"].Value);
        return bottom.IsZero
            ? throw _cursor.Unexpected()
            : new BinaryExpression('+', whole, new NumberExpression(ExactRational.ParseDecimal(match.Groups["top"].Value) / bottom));
    }

    private MathExpression Factor()
    {
        if (++_depth > MaxDepth)
        {
            throw _cursor.Unexpected();
        }

        MathExpression result = SumOperator() switch
        {
            '-' => new BinaryExpression('-', Zero, Factor()),
            '+' => Factor(),
            _ => Power(),
        };
        _depth--;
        return result;
    }

    private static NumberExpression Zero { get; } = new(new ExactRational(0, 1));

    private MathExpression Power()
    {
        MathExpression result = Primary();
        while (_cursor.Take("!"))
        {
            result = MathFunctions.Factorial(result.Exact) is { } product ? new NumberExpression(product) : throw _cursor.Unexpected();
        }

        return _cursor.Take("^") ? new BinaryExpression('^', result, Exponent()) : result;
    }

    /// <summary>One LaTeX argument; a plain number may have a sign and several digits.</summary>
    private MathExpression Exponent()
    {
        _cursor.SkipSpace();
        return _cursor.Take(FormulaPatterns.SignedDigits()) is { } match ? new NumberExpression(Signed(match.Value)) : Argument();
    }

    private static ExactRational Signed(string digits) =>
        digits[0] == '-' ? -ExactRational.ParseDecimal(digits.AsSpan(1)) : ExactRational.ParseDecimal(digits);

    /// <summary>What a LaTeX command takes: a group, or one digit, letter or command.</summary>
    private MathExpression Argument()
    {
        _cursor.SkipSpace();
        return char.IsAsciiDigit(_cursor.Current)
            ? new NumberExpression(new ExactRational(_cursor.Next() - '0', 1))
            : Primary(oneLetter: true);
    }

    private MathExpression Primary(bool oneLetter = false)
    {
        _cursor.SkipSpace();
        return _cursor.Take("{") ? Closed("}")
            : _cursor.Take("(") ? Closed(")")
            : _cursor.Take("[") ? Closed("]")
            : _cursor.Take("|") ? Absolute()
            : char.IsAsciiDigit(_cursor.Current) || _cursor.Current == '.' ? Number()
            : _cursor.Current == '\\' ? Command()
            : char.IsAsciiLetter(_cursor.Current) ? Letter(oneLetter)
            : throw _cursor.Unexpected();
    }

    private bool StartsPrimary()
    {
        _cursor.SkipSpace();
        return char.IsAsciiLetterOrDigit(_cursor.Current)
            || _cursor.Current is '(' or '{' or '[' or '.'
            || (_cursor.Current == '|' && _bars == 0)
            || (_cursor.Current == '\\' && _cursor.CommandName() is not ("" or "pm" or "mp" or "cdot" or "times" or "div"));
    }

    private MathExpression Closed(string close)
    {
        int outerBars = _bars;
        _bars = 0;
        MathExpression inner = Sum();
        _bars = outerBars;
        return _cursor.Take(close) ? inner : throw _cursor.Unexpected();
    }

    private FunctionExpression Absolute()
    {
        _bars++;
        MathExpression inner = Sum();
        _bars--;
        return _cursor.Take("|") ? new FunctionExpression(MathFunctions.Absolute, inner) : throw _cursor.Unexpected();
    }

    /// <summary>A number; with a subscript it is a numeral in that base, which stands for itself.</summary>
    private MathExpression Number()
    {
        Match match = _cursor.Take(FormulaPatterns.Number()) ?? throw _cursor.Unexpected();
        if (match.Groups["base"] is { Success: true } radix)
        {
            return new SymbolExpression($"{match.Groups["digits"].Value.TrimStart('0')}_{radix.Value}");
        }

        ExactRational value = ExactRational.ParseDecimal(match.Groups["digits"].Value);
        if (match.Groups["repeating"] is { Success: true } repeating)
        {
            int places = match.Groups["digits"].Value.Length - match.Groups["digits"].Value.IndexOf('.', StringComparison.Ordinal) - 1;
            value += ExactRational.ParseDecimal(repeating.Value)
                / new ExactRational((BigInteger.Pow(10, repeating.Length) - 1) * BigInteger.Pow(10, places), 1);
        }

        return new NumberExpression(value);
    }

    private MathExpression Command()
    {
        string name = _cursor.Take(FormulaPatterns.Command())?.Groups[1].Value ?? throw _cursor.Unexpected();
        return name switch
        {
            "frac" => new BinaryExpression('/', Argument(), Argument()),
            "binom" => Binomial(),
            "sqrt" => Root(),
            "infty" => new SymbolExpression(@"\infty"),
            "log" when _cursor.Take("_") => Logarithm(),
            _ when MathFunctions.ByName.TryGetValue(name, out Func<Complex, Complex>? function) => Apply(function),
            _ when MathFunctions.Constants.TryGetValue(name, out Complex constant) => new ConstantExpression(constant),
            _ when FormulaPatterns.Greek().IsMatch(name) => Subscripted("\\" + name),
            _ => throw _cursor.Unexpected(),
        };
    }

    private MathExpression Letter(bool oneLetter)
    {
        if (!oneLetter && _cursor.Take(FormulaPatterns.PlainWord()) is { } word)
        {
            return word.Value switch
            {
                "sqrt" => Root(),
                "infinity" or "inf" => new SymbolExpression(@"\infty"),
                "pi" => new ConstantExpression(MathFunctions.Constants["pi"]),
                string name => Apply(MathFunctions.ByName[name]),
            };
        }

        string letter = _cursor.Next().ToString();
        return MathFunctions.Constants.TryGetValue(letter, out Complex constant) ? new ConstantExpression(constant) : Subscripted(letter);
    }

    private SymbolExpression Subscripted(string name) =>
        new(_cursor.Take(FormulaPatterns.Subscript()) is { } match ? $"{name}_{match.Groups["name"].Value}" : name);

    private MathExpression Root()
    {
        MathExpression degree = _cursor.Take("[") ? Closed("]") : new NumberExpression(new ExactRational(2, 1));
        return new BinaryExpression('^', Argument(), new BinaryExpression('/', new NumberExpression(new ExactRational(1, 1)), degree));
    }

    private BinaryExpression Logarithm()
    {
        MathExpression radix = Argument();
        return new BinaryExpression('/', Apply(Complex.Log), new FunctionExpression(Complex.Log, radix));
    }

    private NumberExpression Binomial()
    {
        ExactRational? top = Argument().Exact;
        ExactRational? bottom = Argument().Exact;
        return MathFunctions.Factorial(top) is { } all
            && MathFunctions.Factorial(bottom) is { } chosen
            && MathFunctions.Factorial(top - bottom) is { } rest
            ? new NumberExpression(all / (chosen * rest))
            : throw _cursor.Unexpected();
    }

    /// <summary>A function's argument: a group, or factors up to the next sign; \sin^2 x is the square of the sine.</summary>
    private MathExpression Apply(Func<Complex, Complex> function)
    {
        MathExpression? exponent = _cursor.Take("^") ? Exponent() : null;
        _cursor.SkipSpace();
        bool grouped = _cursor.Current is '(' or '{';
        MathExpression argument = grouped ? Primary() : Power();
        while (!grouped
            && StartsPrimary()
            && !_cursor.IsAt(FormulaPatterns.PlainWord())
            && !_cursor.IsAt(FormulaPatterns.FunctionCommand()))
        {
            argument = new BinaryExpression('*', argument, Power());
        }

        var result = new FunctionExpression(function, argument);
        return exponent is null ? result : new BinaryExpression('^', result, exponent);
    }
}
