using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Parses expressions, loosest binding first: if-else, or, and, not, comparisons, sums, ~, products, powers, signs.</summary>
internal sealed class JinjaExpressionParser(JinjaTokenReader reader, JinjaNames names)
{
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    /// <summary>One value, or several with commas between, which are a tuple.</summary>
    internal JinjaExpression ParseTuple() => ParseTuple(Parse);

    /// <summary>What a for loop runs over: as <see cref="ParseTuple()"/>, without if-else.</summary>
    internal JinjaExpression ParseLoopItems() => ParseTuple(ParseOr);

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

    internal JinjaArguments ParseArguments()
    {
        reader.Expect("(");
        var positional = new List<JinjaExpression>();
        var named = new List<(string, JinjaExpression)>();
        JinjaExpression? items = null;
        JinjaExpression? pairs = null;
        while (!reader.TryOperator(")"))
        {
            if (pairs is not null)
            {
                throw reader.Fault("nothing may follow '**' in a call");
            }

            if (reader.TryOperator("**"))
            {
                pairs = Parse();
            }
            else if (reader.IsOperator("*"))
            {
                _ = items is null ? reader.Take() : throw reader.Fault("a call has '*' twice");
                items = Parse();
            }
            else if (reader.Current.Kind == JinjaTokenKind.Name && reader.Next is { Kind: JinjaTokenKind.Operator, Text: "=" })
            {
                var name = reader.Take().Text;
                reader.Take();
                names.Mention(name);
                named.Add((name, Parse()));
            }
            else
            {
                positional.Add(
                    items is null && named.Count == 0 ? Parse() : throw reader.Fault("an argument without a name follows one with a name"));
            }

            if (!reader.IsOperator(")"))
            {
                reader.Expect(",");
            }
        }

        return new JinjaArguments(positional, named, items, pairs);
    }

    /// <summary>The filters of a block, whose first has no bar before it.</summary>
    internal JinjaExpression ParseBlockFilters(JinjaExpression value) => ParseFilters(ParseFilter(value));

    /// <summary>The filters behind a bar, if there are any.</summary>
    internal JinjaExpression ParseFilters(JinjaExpression value)
    {
        while (true)
        {
            if (reader.TryOperator("|"))
            {
                value = ParseFilter(value);
            }
            else if (reader.TryName("is"))
            {
                value = ParseTest(value);
            }
            else if (reader.IsOperator("("))
            {
                value = ParseCall(value);
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression ParseTuple(Func<JinjaExpression> parse)
    {
        var first = parse();
        if (!reader.IsOperator(","))
        {
            return first;
        }

        var items = new List<JinjaExpression> { first };
        while (reader.TryOperator(",") && !EndsTuple())
        {
            items.Add(parse());
        }

        return new JinjaListDisplay(items, IsTuple: true);
    }

    private bool EndsTuple() => reader.Current.Kind is JinjaTokenKind.OutputEnd or JinjaTokenKind.BlockEnd || reader.IsOperator(")")
        || reader.IsName("recursive");

    private JinjaExpression ParseOr()
    {
        var left = ParseAnd();
        while (reader.TryName("or"))
        {
            left = new JinjaBinary("or", left, ParseAnd());
        }

        return left;
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

    private JinjaExpression ParseProduct() => ParseLeft(["*", "/", "//", "%"], ParsePower);

    // From the left, and after signs: 2 ** 3 ** 2 is 64, -2 ** 2 is 4.
    private JinjaExpression ParsePower() => ParseLeft(["**"], () => ParseUnary(withFilters: true));

    private JinjaExpression ParseLeft(string[] operators, Func<JinjaExpression> parse)
    {
        var left = parse();
        while (Array.Exists(operators, reader.IsOperator))
        {
            left = new JinjaBinary(reader.Take().Text, left, parse());
        }

        return left;
    }

    private JinjaExpression ParseUnary(bool withFilters)
    {
        var value = reader.IsOperator("-") || reader.IsOperator("+")
            ? new JinjaUnary(reader.Take().Text, reader.Nested(() => ParseUnary(withFilters: false)))
            : ParsePrimary();
        value = ParsePostfix(value);
        return withFilters ? ParseFilters(value) : value;
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

                names.Mention(text.ToString());
                return new JinjaLiteral(text.ToString());
            case JinjaTokenKind.Integer:
                return Literal(PythonParsing.Whole(token.Text, 0) ?? throw reader.Fault("the number has too many digits, or is none"));
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
            return new JinjaListDisplay([], IsTuple: true);
        }

        var value = ParseTuple();
        reader.Expect(")");
        return value;
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
                value = ParseSubscripts(value);
            }
            else if (reader.IsOperator("("))
            {
                value = ParseCall(value);
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaCall ParseCall(JinjaExpression callee)
    {
        var line = reader.Current.Line;
        if (callee is JinjaVariable variable)
        {
            names.CallFunction(variable.Name, line);
        }
        else if (callee is JinjaAttribute attribute)
        {
            names.CallMethod(attribute.Name, line);
        }
        else if (callee is JinjaIndex { Index: JinjaLiteral { Value: string key } })
        {
            names.CallMethod(key, line);
        }

        return new JinjaCall(callee, ParseArguments());
    }

    private JinjaExpression ParseSubscripts(JinjaExpression target)
    {
        var indices = new List<JinjaExpression>();
        while (!reader.TryOperator("]"))
        {
            if (indices.Count > 0)
            {
                reader.Expect(",");
            }

            if (ParseSubscript(target, out var index) is { } slice)
            {
                reader.Expect("]");
                return indices.Count == 0 ? slice : throw reader.Fault("a slice among several indices is not supported");
            }

            indices.Add(index!);
        }

        if (indices is [JinjaLiteral { Value: string key }])
        {
            names.MentionedAsIndex(key);
        }

        return new JinjaIndex(target, indices.Count == 1 ? indices[0] : new JinjaListDisplay(indices, IsTuple: true));
    }

    // Either an index, or a slice, which is returned.
    private JinjaSlice? ParseSubscript(JinjaExpression target, out JinjaExpression? index)
    {
        index = reader.IsOperator(":") ? null : Parse();
        if (!reader.TryOperator(":"))
        {
            return null;
        }

        var stop = Bound();
        return new JinjaSlice(target, index, stop, reader.TryOperator(":") ? Bound() : null);

        JinjaExpression? Bound() => reader.IsOperator(":") || reader.IsOperator("]") || reader.IsOperator(",") ? null : Parse();
    }

    private JinjaFilter ParseFilter(JinjaExpression value)
    {
        var line = reader.Current.Line;
        var name = reader.ExpectName();
        JinjaNames.CheckFilter(name, line);
        var arguments = reader.IsOperator("(") ? ParseArguments() : JinjaArguments.None;
        JinjaNames.CheckArguments(name, arguments, line);
        return new JinjaFilter(value, name, arguments);
    }

    private JinjaExpression ParseTest(JinjaExpression value)
    {
        var negated = reader.TryName("not");
        var line = reader.Current.Line;
        var name = reader.ExpectName();
        JinjaNames.CheckTest(name, line);
        if (name is "defined" or "undefined" && value is JinjaVariable variable)
        {
            names.Define(variable.Name);
        }

        var arguments = JinjaArguments.None;
        if (reader.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (reader.IsName("is"))
        {
            throw reader.Fault("a test cannot follow a test; put the first in parentheses");
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
        JinjaTokenKind.Name => reader.Current.Text is not ("and" or "or" or "not" or "if" or "else" or "is" or "in" or "recursive"),
        JinjaTokenKind.Operator => reader.Current.Text is "[" or "{",
        _ => false,
    };
}
