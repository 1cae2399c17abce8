using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using SeaGrpc.Evaluation.Judging.Numbers;

namespace SeaGrpc.Evaluation.Judging.Mathematics;

/// <summary>Parses one scalar formula, in LaTeX or plain, as <see cref="LatexText.Clean"/> writes it.</summary>
/// <remarks>
/// sum: product ((+ | - | \pm | \mp) product)*; product: factor ((* | / | nothing) factor)*; factor: sign factor | power;
/// power: primary !* (^ exponent)?. A whole number right before a fraction of numbers is a mixed number.
/// </remarks>
/// <param name="text">The formula.</param>
/// <param name="upperSigns">Whether \pm means + (and \mp -) or the other way round.</param>
internal sealed partial class ExpressionParser(string text, bool upperSigns)
{
    private const int MaxDepth = 60;

    private int at;
    private int depth;
    private int bars;

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
        SkipSpace();
        return at == text.Length ? result : throw Unexpected();
    }

    private MathExpression Sum()
    {
        if (++depth > MaxDepth)
        {
            throw Unexpected();
        }

        MathExpression left = Product();
        while (SumOperator() is { } operation)
        {
            left = new BinaryExpression(operation, left, Product());
        }

        depth--;
        return left;
    }

    private char? SumOperator() =>
        Take("+") ? '+' : Take("-") ? '-' : Take(@"\pm") ? Sign(upperSigns) : Take(@"\mp") ? Sign(!upperSigns) : null;

    private static char Sign(bool isPlus) => isPlus ? '+' : '-';

    private MathExpression Product()
    {
        MathExpression left = Factor();
        while (true)
        {
            if (Take("*") || Take(@"\cdot") || Take(@"\times"))
            {
                left = new BinaryExpression('*', left, Factor());
            }
            else if (Take("/") || Take(@"\div"))
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
        if (whole is not NumberExpression { Value.IsInteger: true } || MixedFraction().Match(text, at) is not { Success: true } match)
        {
            return char.IsAsciiDigit(text[at]) && whole is NumberExpression ? throw Unexpected() : null;
        }

        at += match.Length;
        ExactRational bottom = ExactRational.ParseDecimal(match.Groups["bottom"].Value);
        return bottom.IsZero
            ? throw Unexpected()
            : new BinaryExpression('+', whole, new NumberExpression(ExactRational.ParseDecimal(match.Groups["top"].Value) / bottom));
    }

    private MathExpression Factor()
    {
        if (++depth > MaxDepth)
        {
            throw Unexpected();
        }

        MathExpression result = SumOperator() switch
        {
            '-' => new BinaryExpression('-', Zero, Factor()),
            '+' => Factor(),
            _ => Power(),
        };
        depth--;
        return result;
    }

    private static NumberExpression Zero { get; } = new(new ExactRational(0, 1));

    private MathExpression Power()
    {
        MathExpression result = Primary();
        while (Take("!"))
        {
            result = MathFunctions.Factorial(result.Exact) is { } product ? new NumberExpression(product) : throw Unexpected();
        }

        return Take("^") ? new BinaryExpression('^', result, Exponent()) : result;
    }

    /// <summary>One LaTeX argument; a plain number may have a sign and several digits.</summary>
    private MathExpression Exponent()
    {
        SkipSpace();
        return SignedDigits().Match(text, at) is { Success: true } match ? Advance(match, new NumberExpression(Signed(match.Value))) : Argument();
    }

    private static ExactRational Signed(string digits) =>
        digits[0] == '-' ? -ExactRational.ParseDecimal(digits.AsSpan(1)) : ExactRational.ParseDecimal(digits);

    /// <summary>What a LaTeX command takes: a group, or one digit, letter or command.</summary>
    private MathExpression Argument()
    {
        SkipSpace();
        return at < text.Length && char.IsAsciiDigit(text[at])
            ? new NumberExpression(new ExactRational(text[at++] - '0', 1))
            : Primary(oneLetter: true);
    }

    private MathExpression Primary(bool oneLetter = false)
    {
        SkipSpace();
        return at >= text.Length ? throw Unexpected()
            : Take("{") ? Closed("}")
            : Take("(") ? Closed(")")
            : Take("[") ? Closed("]")
            : Take("|") ? Absolute()
            : char.IsAsciiDigit(text[at]) || text[at] == '.' ? Number()
            : text[at] == '\\' ? Command()
            : char.IsAsciiLetter(text[at]) ? Letter(oneLetter)
            : throw Unexpected();
    }

    private bool StartsPrimary()
    {
        SkipSpace();
        return at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '(' or '{' or '[' or '.' || (text[at] == '|' && bars == 0)
            || (text[at] == '\\' && CommandName().Match(text, at).Groups[1].Value is not ("" or "pm" or "mp" or "cdot" or "times" or "div")));
    }

    private MathExpression Closed(string close)
    {
        int outerBars = bars;
        bars = 0;
        MathExpression inner = Sum();
        bars = outerBars;
        return Take(close) ? inner : throw Unexpected();
    }

    private FunctionExpression Absolute()
    {
        bars++;
        MathExpression inner = Sum();
        bars--;
        return Take("|") ? new FunctionExpression(MathFunctions.Absolute, inner) : throw Unexpected();
    }

    /// <summary>A number; with a subscript it is a numeral in that base, which stands for itself.</summary>
    private MathExpression Number()
    {
        Match match = NumberPattern().Match(text, at);
        if (!match.Success)
        {
            throw Unexpected();
        }

        at += match.Length;
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
        Match match = CommandName().Match(text, at);
        string name = match.Groups[1].Value;
        at += match.Length;
        return name switch
        {
            "frac" => new BinaryExpression('/', Argument(), Argument()),
            "binom" => Binomial(),
            "sqrt" => Root(),
            "infty" => new SymbolExpression(@"\infty"),
            "log" when Take("_") => Logarithm(),
            _ when MathFunctions.ByName.TryGetValue(name, out Func<Complex, Complex>? function) => Apply(function),
            _ when MathFunctions.Constants.TryGetValue(name, out Complex constant) => new ConstantExpression(constant),
            _ when Greek().IsMatch(name) => Subscripted("\\" + name),
            _ => throw Unexpected(),
        };
    }

    private MathExpression Letter(bool oneLetter)
    {
        Match word = PlainWord().Match(text, at);
        if (!oneLetter && word.Success)
        {
            at += word.Length;
            return word.Value switch
            {
                "sqrt" => Root(),
                "infinity" or "inf" => new SymbolExpression(@"\infty"),
                "pi" => new ConstantExpression(MathFunctions.Constants["pi"]),
                string name => Apply(MathFunctions.ByName[name]),
            };
        }

        string letter = text[at++].ToString();
        return MathFunctions.Constants.TryGetValue(letter, out Complex constant) ? new ConstantExpression(constant) : Subscripted(letter);
    }

    private SymbolExpression Subscripted(string name) =>
        Subscript().Match(text, at) is { Success: true } match ? Advance(match, new SymbolExpression($"{name}_{match.Groups[1].Value}")) : new SymbolExpression(name);

    private MathExpression Root()
    {
        MathExpression degree = Take("[") ? Closed("]") : new NumberExpression(new ExactRational(2, 1));
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
        return MathFunctions.Factorial(top) is { } all && MathFunctions.Factorial(bottom) is { } chosen && MathFunctions.Factorial(top - bottom) is { } rest
            ? new NumberExpression(all / (chosen * rest))
            : throw Unexpected();
    }

    /// <summary>A function's argument: a group, or factors up to the next sign; \sin^2 x is the square of the sine.</summary>
    private MathExpression Apply(Func<Complex, Complex> function)
    {
        MathExpression? exponent = Take("^") ? Exponent() : null;
        SkipSpace();
        bool grouped = at < text.Length && text[at] is '(' or '{';
        MathExpression argument = grouped ? Primary() : Power();
        while (!grouped && StartsPrimary() && !PlainWord().IsMatch(text, at) && !FunctionCommand().IsMatch(text, at))
        {
            argument = new BinaryExpression('*', argument, Power());
        }

        var result = new FunctionExpression(function, argument);
        return exponent is null ? result : new BinaryExpression('^', result, exponent);
    }

    private bool Take(string token)
    {
        SkipSpace();
        bool isThere = string.CompareOrdinal(text, at, token, 0, token.Length) == 0
            && !(token.Length > 1 && at + token.Length < text.Length && char.IsAsciiLetter(text[at + token.Length]));
        at += isThere ? token.Length : 0;
        return isThere;
    }

    private T Advance<T>(Match match, T result)
    {
        at += match.Length;
        return result;
    }

    private void SkipSpace()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    private FormatException Unexpected() => new(string.Create(CultureInfo.InvariantCulture, $"Not a formula at {at}: {text}"));

    [GeneratedRegex(@"\G(?:\\frac\s*\{?\s*(?<top>\d+)\s*\}\s*\{?\s*(?<bottom>\d+)\s*\}|\\frac\s*(?<top>\d)\s*(?<bottom>\d)|(?<top>\d+)\s*/\s*(?<bottom>\d+))")]
    private static partial Regex MixedFraction();

    [GeneratedRegex(@"\G-?\d+(?![\d.]*[./]\d)")]
    private static partial Regex SignedDigits();

    [GeneratedRegex(@"\G(?<digits>\d+\.?\d*|\.\d+)(?:(?<=\.\d*)\\overline\s*\{(?<repeating>\d+)\}|_\s*\{?\s*(?:\\text\s*\{)?(?<base>\d+)\}?\}?)?")]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"\G\\([a-zA-Z]+)")]
    private static partial Regex CommandName();

    [GeneratedRegex(@"\G_\s*\{?\s*(\w+)\s*\}?")]
    private static partial Regex Subscript();

    [GeneratedRegex(@"\G(?:sqrt|infinity|inf|pi|arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|exp)(?![a-zA-Z])")]
    private static partial Regex PlainWord();

    [GeneratedRegex(@"\G\\(?:arc)?(?:sin|cos|tan|cot|sec|csc|ln|log|exp)h?(?![a-zA-Z])")]
    private static partial Regex FunctionCommand();

    [GeneratedRegex(@"^(?:alpha|beta|gamma|delta|epsilon|theta|lambda|mu|nu|rho|sigma|tau|phi|varphi|psi|omega|xi|eta|zeta|kappa|chi|Delta|Omega|Gamma|Phi|Psi|Sigma|Theta|Lambda|ell)$")]
    private static partial Regex Greek();
}
