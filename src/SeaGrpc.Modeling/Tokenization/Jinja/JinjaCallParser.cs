namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Parses calls with their arguments, filters after a bar, and tests after "is".</summary>
internal sealed class JinjaCallParser(JinjaTokenReader reader, JinjaNames names, JinjaExpressionParser expressions)
{
    /// <summary>The filters of a filter block. The first has no bar before it.</summary>
    internal JinjaExpression ParseBlockFilters(JinjaExpression value) => ParseFilters(ParseFilter(value));

    /// <summary>The filters after a bar, if there are any.</summary>
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

    /// <summary>A call of the expression that has been read.</summary>
    internal JinjaCall ParseCall(JinjaExpression callee)
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

    private JinjaArguments ParseArguments()
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
                pairs = expressions.Parse();
            }
            else if (reader.IsOperator("*"))
            {
                _ = items is null ? reader.Take() : throw reader.Fault("a call has '*' twice");
                items = expressions.Parse();
            }
            else if (reader.Current.Kind == JinjaTokenKind.Name && reader.Next is { Kind: JinjaTokenKind.Operator, Text: "=" })
            {
                var name = reader.Take().Text;
                reader.Take();
                names.Mention(name);
                named.Add((name, expressions.Parse()));
            }
            else
            {
                positional.Add(
                    items is null && named.Count == 0
                        ? expressions.Parse()
                        : throw reader.Fault("an argument without a name follows one with a name"));
            }

            if (!reader.IsOperator(")"))
            {
                reader.Expect(",");
            }
        }

        return new JinjaArguments(positional, named, items, pairs);
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
            arguments = new JinjaArguments([expressions.ParseOperand()], []);
        }

        var test = new JinjaTest(value, name, arguments);
        return negated ? new JinjaUnary("not", test) : test;
    }

    // A test may have one operand without parentheses: x is divisibleby 3.
    private bool BeginsOperand() => reader.Current.Kind switch
    {
        JinjaTokenKind.String or JinjaTokenKind.Integer or JinjaTokenKind.Float => true,
        JinjaTokenKind.Name => reader.Current.Text is not ("and" or "or" or "not" or "if" or "else" or "is" or "in" or "recursive"),
        JinjaTokenKind.Operator => reader.Current.Text is "[" or "{",
        _ => false,
    };
}
