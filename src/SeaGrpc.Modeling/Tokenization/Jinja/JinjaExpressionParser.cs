using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Parses expressions, loosest binding first: if-else, or, and, not, comparisons, ~, sums, products, powers.</summary>
internal sealed class JinjaExpressionParser(JinjaTokenReader reader)
{
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    /// <summary>One value, or several with commas between, which are a list.</summary>
    internal JinjaExpression ParseTuple()
    {
        var first = Parse();
        if (!reader.IsOperator(","))
        {
            return first;
        }

        var items = new List<JinjaExpression> { first };
        while (reader.TryOperator(","))
        {
            items.Add(Parse());
        }

        return new JinjaListDisplay(items);
    }

    internal JinjaExpression Parse() => reader.Nested(() =>
    {
        var value = ParseOr();
        while (reader.TryName("if"))
        {
            var condition = ParseOr();
            value = new JinjaConditional(value, condition, reader.TryName("else") ? Parse() : null);
        }

        return value;
    });

    /// <summary>A value without if-else, as what a for loop runs over.</summary>
    internal JinjaExpression ParseOr()
    {
        var left = ParseAnd();
        while (reader.TryName("or"))
        {
            left = new JinjaBinary("or", left, ParseAnd());
        }

        return left;
    }

    internal JinjaArguments ParseArguments()
    {
        reader.Expect("(");
        var positional = new List<JinjaExpression>();
        var named = new List<(string, JinjaExpression)>();
        while (!reader.TryOperator(")"))
        {
            if (reader.Current.Kind == JinjaTokenKind.Name && reader.Next is { Kind: JinjaTokenKind.Operator, Text: "=" })
            {
                var name = reader.Take().Text;
                reader.Take();
                named.Add((name, Parse()));
            }
            else
            {
                positional.Add(Parse());
            }

            if (!reader.IsOperator(")"))
            {
                reader.Expect(",");
            }
        }

        return new JinjaArguments(positional, named);
    }

    private JinjaExpression ParseAnd()
    {
        var left = ParseNot();
        while (reader.TryName("and"))
        {
            left = new JinjaBinary("and", left, ParseNot());
        }

        return left;
    }

    private JinjaExpression ParseNot() => reader.TryName("not")
        ? new JinjaUnary("not", reader.Nested(ParseNot))
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
        if (Array.Find(Comparisons, reader.IsOperator) is { } symbol)
        {
            return reader.Take().Text == symbol ? symbol : null;
        }

        if (reader.TryName("in"))
        {
            return "in";
        }

        if (reader.IsName("not") && reader.Next is { Kind: JinjaTokenKind.Name, Text: "in" })
        {
            reader.Take();
            reader.Take();
            return "not in";
        }

        return null;
    }

    private JinjaExpression ParseSum() => ParseLeft(["+", "-"], ParseConcatenation);

    private JinjaExpression ParseConcatenation() => ParseLeft(["~"], ParseProduct);

    private JinjaExpression ParseProduct() => ParseLeft(["*", "/", "//", "%"], ParseUnary);

    private JinjaExpression ParseLeft(string[] operators, Func<JinjaExpression> parse)
    {
        var left = parse();
        while (Array.Exists(operators, reader.IsOperator))
        {
            left = new JinjaBinary(reader.Take().Text, left, parse());
        }

        return left;
    }

    private JinjaExpression ParseUnary() => ParseFilters(ParseSigned());

    private JinjaExpression ParseSigned()
    {
        if (reader.IsOperator("-") || reader.IsOperator("+"))
        {
            return new JinjaUnary(reader.Take().Text, reader.Nested(ParseSigned));
        }

        var value = ParsePostfix(ParsePrimary());
        return reader.TryOperator("**") ? new JinjaBinary("**", value, reader.Nested(ParseSigned)) : value;
    }

    private JinjaExpression ParsePrimary()
    {
        var token = reader.Current;
        switch (token.Kind)
        {
            case JinjaTokenKind.String:
                var text = new StringBuilder();
                while (reader.Current.Kind == JinjaTokenKind.String)
                {
                    text.Append(reader.Take().Text);
                }

                return new JinjaLiteral(text.ToString());
            case JinjaTokenKind.Integer:
                return long.TryParse(token.Text, out var integer)
                    ? Literal(integer)
                    : throw reader.Fault("the number does not fit in 64 bits");
            case JinjaTokenKind.Float:
                return Literal(double.Parse(token.Text, CultureInfo.InvariantCulture));
            case JinjaTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => Literal(true),
                    "false" or "False" => Literal(false),
                    "none" or "None" => Literal(null),
                    _ => new JinjaVariable(reader.Take().Text),
                };
            case JinjaTokenKind.Operator when token.Text is "(":
                reader.Take();
                return ParseParenthesis();
            case JinjaTokenKind.Operator when token.Text is "[":
                reader.Take();
                return new JinjaListDisplay(ParseItems("]"));
            case JinjaTokenKind.Operator when token.Text is "{":
                reader.Take();
                return ParseMap();
            default:
                throw reader.Fault("a value is expected");
        }
    }

    private JinjaLiteral Literal(object? value)
    {
        reader.Take();
        return new JinjaLiteral(value);
    }

    private JinjaExpression ParseParenthesis()
    {
        if (reader.TryOperator(")"))
        {
            return new JinjaListDisplay([]);
        }

        var first = Parse();
        if (reader.TryOperator(")"))
        {
            return first;
        }

        reader.Expect(",");
        return new JinjaListDisplay([first, .. ParseItems(")")]);
    }

    private List<JinjaExpression> ParseItems(string close)
    {
        var items = new List<JinjaExpression>();
        while (!reader.TryOperator(close))
        {
            items.Add(Parse());
            if (!reader.IsOperator(close))
            {
                reader.Expect(",");
            }
        }

        return items;
    }

    private JinjaMapDisplay ParseMap()
    {
        var items = new List<(JinjaExpression, JinjaExpression)>();
        while (!reader.TryOperator("}"))
        {
            var key = Parse();
            reader.Expect(":");
            items.Add((key, Parse()));
            if (!reader.IsOperator("}"))
            {
                reader.Expect(",");
            }
        }

        return new JinjaMapDisplay(items);
    }

    private JinjaExpression ParsePostfix(JinjaExpression value)
    {
        while (true)
        {
            if (reader.TryOperator("."))
            {
                value = reader.Current.Kind == JinjaTokenKind.Integer
                    ? new JinjaIndex(value, ParsePrimary())
                    : new JinjaAttribute(value, reader.ExpectName());
            }
            else if (reader.TryOperator("["))
            {
                value = ParseSubscript(value);
            }
            else if (reader.IsOperator("("))
            {
                value = new JinjaCall(value, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression ParseSubscript(JinjaExpression target)
    {
        var parts = new JinjaExpression?[3];
        var part = 0;
        while (!reader.TryOperator("]"))
        {
            if (reader.TryOperator(":"))
            {
                part = part < 2 ? part + 1 : throw reader.Fault("a slice has at most three parts");
            }
            else
            {
                parts[part] = parts[part] is null ? Parse() : throw reader.Fault("']' or ':' is expected");
            }
        }

        return part > 0
            ? new JinjaSlice(target, parts[0], parts[1], parts[2])
            : new JinjaIndex(target, parts[0] ?? throw reader.Fault("an index is expected"));
    }

    /// <summary>The filters of a filter block: the first has no bar before it.</summary>
    internal JinjaExpression ParseBlockFilters(JinjaExpression value)
    {
        var name = reader.ExpectName();
        return ParseFilters(new JinjaFilter(value, name, reader.IsOperator("(") ? ParseArguments() : JinjaArguments.None));
    }

    private JinjaExpression ParseFilters(JinjaExpression value)
    {
        while (true)
        {
            if (reader.TryOperator("|"))
            {
                var name = reader.ExpectName();
                value = new JinjaFilter(value, name, reader.IsOperator("(") ? ParseArguments() : JinjaArguments.None);
            }
            else if (reader.TryName("is"))
            {
                value = ParseTest(value);
            }
            else if (reader.IsOperator("(") || reader.IsOperator("[") || reader.IsOperator("."))
            {
                value = ParsePostfix(value);
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression ParseTest(JinjaExpression value)
    {
        var negated = reader.TryName("not");
        var name = reader.ExpectName();
        var arguments = JinjaArguments.None;
        if (reader.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (BeginsOperand())
        {
            arguments = new JinjaArguments([ParsePostfix(ParsePrimary())], []);
        }

        var test = new JinjaTest(value, name, arguments);
        return negated ? new JinjaUnary("not", test) : test;
    }

    // A test takes one operand without parentheses: x is divisibleby 3.
    private bool BeginsOperand() => reader.Current.Kind switch
    {
        JinjaTokenKind.String or JinjaTokenKind.Integer or JinjaTokenKind.Float => true,
        JinjaTokenKind.Name => reader.Current.Text is not ("and" or "or" or "not" or "if" or "else" or "is" or "in"),
        JinjaTokenKind.Operator => reader.Current.Text is "[" or "{",
        _ => false,
    };
}
