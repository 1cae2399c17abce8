using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Parses operands: literals, names, lists, maps and parentheses, with attributes and subscripts.</summary>
internal sealed class JinjaOperandParser(JinjaTokenReader reader, JinjaNames names, JinjaExpressionParser expressions)
{
    /// <summary>A literal, a name, a list, a map, or an expression in parentheses.</summary>
    internal JinjaExpression ParsePrimary()
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
                return Literal(PythonParsing.Whole(token.Text, 0) ?? throw reader.Fault("the number is invalid or has too many digits"));
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

    /// <summary>The attributes, subscripts and calls directly after a value.</summary>
    internal JinjaExpression ParsePostfix(JinjaExpression value)
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
                value = expressions.Calls.ParseCall(value);
            }
            else
            {
                return value;
            }
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

        var value = expressions.ParseTuple();
        reader.Expect(")");
        return value;
    }

    private List<JinjaExpression> ParseItems(string close)
    {
        var items = new List<JinjaExpression>();
        while (!reader.TryOperator(close))
        {
            items.Add(expressions.Parse());
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
            var key = expressions.Parse();
            reader.Expect(":");
            items.Add((key, expressions.Parse()));
            if (!reader.IsOperator("}"))
            {
                reader.Expect(",");
            }
        }

        return new JinjaMapDisplay(items);
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

    // Reads an index, or a slice, which is returned.
    private JinjaSlice? ParseSubscript(JinjaExpression target, out JinjaExpression? index)
    {
        index = reader.IsOperator(":") ? null : expressions.Parse();
        if (!reader.TryOperator(":"))
        {
            return null;
        }

        var stop = Bound();
        return new JinjaSlice(target, index, stop, reader.TryOperator(":") ? Bound() : null);

        JinjaExpression? Bound() =>
            reader.IsOperator(":") || reader.IsOperator("]") || reader.IsOperator(",") ? null : expressions.Parse();
    }
}
