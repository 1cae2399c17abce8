namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>
/// Parses operators, from the lowest precedence: if-else, or, and, not, comparisons, sums, ~, products, powers, signs.
/// <see cref="JinjaOperandParser"/> parses their operands.
/// </summary>
internal sealed class JinjaExpressionParser
{
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly JinjaTokenReader _reader;
    private readonly JinjaOperandParser _operands;

    internal JinjaExpressionParser(JinjaTokenReader reader, JinjaNames names)
    {
        _reader = reader;
        Calls = new JinjaCallParser(reader, names, this);
        _operands = new JinjaOperandParser(reader, names, this);
    }

    /// <summary>Parses calls, filters and tests after operands.</summary>
    internal JinjaCallParser Calls { get; }

    /// <summary>A value with its subscripts and calls, which a test accepts without parentheses.</summary>
    internal JinjaExpression ParseOperand() => _operands.ParsePostfix(_operands.ParsePrimary());

    /// <summary>One value, or several values separated by commas, which are a tuple.</summary>
    internal JinjaExpression ParseTuple() => ParseTuple(Parse);

    /// <summary>The items of a for loop: like <see cref="ParseTuple()"/>, without if-else.</summary>
    internal JinjaExpression ParseLoopItems() => ParseTuple(ParseOr);

    internal JinjaExpression Parse() => _reader.Nested(() =>
    {
        var value = ParseOr();
        while (_reader.TryName("if"))
        {
            var condition = ParseOr();
            value = new JinjaConditional(value, condition, _reader.TryName("else") ? Parse() : null);
        }

        return value;
    });

    private JinjaExpression ParseTuple(Func<JinjaExpression> parse)
    {
        var first = parse();
        if (!_reader.IsOperator(","))
        {
            return first;
        }

        var items = new List<JinjaExpression> { first };
        while (_reader.TryOperator(",") && !EndsTuple())
        {
            items.Add(parse());
        }

        return new JinjaListDisplay(items, IsTuple: true);
    }

    private bool EndsTuple() => _reader.Current.Kind is JinjaTokenKind.OutputEnd or JinjaTokenKind.BlockEnd || _reader.IsOperator(")")
        || _reader.IsName("recursive");

    private JinjaExpression ParseOr()
    {
        var left = ParseAnd();
        while (_reader.TryName("or"))
        {
            left = new JinjaBinary("or", left, ParseAnd());
        }

        return left;
    }

    private JinjaExpression ParseAnd()
    {
        var left = ParseNot();
        while (_reader.TryName("and"))
        {
            left = new JinjaBinary("and", left, ParseNot());
        }

        return left;
    }

    private JinjaExpression ParseNot() => _reader.TryName("not")
        ? new JinjaUnary("not", _reader.Nested(ParseNot))
        : ParseComparison();

    private JinjaExpression ParseComparison()
    {
        var first = ParseSum();
        var rest = new List<(string, JinjaExpression)>();
        while (TakeComparison() is { } comparison)
        {
            rest.Add((comparison, ParseSum()));
        }

        return rest.Count == 0 ? first : new JinjaComparison(first, rest);
    }

    private string? TakeComparison()
    {
        if (Array.Find(Comparisons, _reader.IsOperator) is { } symbol)
        {
            return _reader.Take().Text == symbol ? symbol : null;
        }

        if (_reader.TryName("in"))
        {
            return "in";
        }

        if (_reader.IsName("not") && _reader.Next is { Kind: JinjaTokenKind.Name, Text: "in" })
        {
            _reader.Take();
            _reader.Take();
            return "not in";
        }

        return null;
    }

    private JinjaExpression ParseSum() => ParseLeft(["+", "-"], ParseConcatenation);

    private JinjaExpression ParseConcatenation() => ParseLeft(["~"], ParseProduct);

    private JinjaExpression ParseProduct() => ParseLeft(["*", "/", "//", "%"], ParsePower);

    // Left-associative, and after signs: 2 ** 3 ** 2 is 64, -2 ** 2 is 4.
    private JinjaExpression ParsePower() => ParseLeft(["**"], () => ParseUnary(withFilters: true));

    private JinjaExpression ParseLeft(string[] operators, Func<JinjaExpression> parse)
    {
        var left = parse();
        while (Array.Exists(operators, _reader.IsOperator))
        {
            left = new JinjaBinary(_reader.Take().Text, left, parse());
        }

        return left;
    }

    private JinjaExpression ParseUnary(bool withFilters)
    {
        var value = _reader.IsOperator("-") || _reader.IsOperator("+")
            ? new JinjaUnary(_reader.Take().Text, _reader.Nested(() => ParseUnary(withFilters: false)))
            : _operands.ParsePrimary();
        value = _operands.ParsePostfix(value);
        return withFilters ? Calls.ParseFilters(value) : value;
    }
}
