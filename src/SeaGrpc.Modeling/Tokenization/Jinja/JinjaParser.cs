namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Parses a template into text, outputs and blocks. Unknown constructs are refused by name.</summary>
internal sealed class JinjaParser
{
    private readonly JinjaTokenReader _reader;
    private readonly JinjaExpressionParser _expressions;
    private readonly JinjaNames _names = new();
    private int _loops;

    private JinjaParser(IReadOnlyList<JinjaToken> tokens)
    {
        _reader = new JinjaTokenReader(tokens);
        _expressions = new JinjaExpressionParser(_reader, _names);
    }

    internal static IReadOnlyList<JinjaStatement> Parse(string source)
    {
        var parser = new JinjaParser(JinjaLexer.Tokenize(source));
        var body = parser.ParseBody();
        if (parser._reader.Current.Kind != JinjaTokenKind.End)
        {
            throw parser._reader.Fault("nothing is open here to be closed");
        }

        parser._names.CheckCalls();
        return body;
    }

    // Ends before a block that starts with one of the names, or at the end of the template.
    private List<JinjaStatement> ParseBody(params string[] ends)
    {
        var body = new List<JinjaStatement>();
        while (true)
        {
            switch (_reader.Current.Kind)
            {
                case JinjaTokenKind.Text:
                    body.Add(new JinjaText(_reader.Take().Text));
                    break;
                case JinjaTokenKind.OutputBegin:
                    _reader.Take();
                    body.Add(new JinjaOutput(_expressions.ParseTuple()));
                    _reader.Expect(JinjaTokenKind.OutputEnd);
                    break;
                case JinjaTokenKind.BlockBegin when ends.Contains(_reader.Next.Text):
                    return body;
                case JinjaTokenKind.BlockBegin:
                    _reader.Take();
                    body.Add(_reader.Nested(ParseBlock));
                    break;
                case JinjaTokenKind.End when ends.Length > 0:
                    throw _reader.Fault($"{string.Join(" or ", ends)} is missing");
                default:
                    return body;
            }
        }
    }

    private JinjaStatement ParseBlock()
    {
        var name = _reader.ExpectName();
        switch (name)
        {
            case "if":
                return ParseIf();
            case "for":
                return ParseFor();
            case "set":
                return ParseSet();
            case "macro":
                return ParseMacro();
            case "generation":
                CloseTag();
                return new JinjaGeneration(OutsideLoops(() => ParseUntil("endgeneration")));
            case "filter":
                var filtered = _expressions.Calls.ParseBlockFilters(new JinjaVariable(JinjaFilterBlock.Body));
                CloseTag();
                return new JinjaFilterBlock(filtered, ParseUntil("endfilter"));
            case "call":
                return ParseCall();
            case "do":
                var value = _expressions.ParseTuple();
                CloseTag();
                return new JinjaDo(value);
            case "print":
                return ParsePrint();
            case "with":
                return ParseWith();
            case "break":
            case "continue":
                _ = _loops > 0 ? 0 : throw _reader.Fault($"'{name}' stands outside a for block");
                CloseTag();
                return new JinjaJump(name == "break");
            default:
                throw _reader.Fault(
                    $"the block '{name}' is not supported; supported are if, for, set, with, macro, call, filter, "
                        + "raw, generation, print, do, break and continue");
        }
    }

    private JinjaGroup ParsePrint()
    {
        var outputs = new List<JinjaStatement>();
        do
        {
            outputs.Add(new JinjaOutput(_expressions.Parse()));
        }
        while (_reader.TryOperator(","));
        CloseTag();
        return new JinjaGroup(outputs);
    }

    private JinjaIf ParseIf()
    {
        var branches = new List<(JinjaExpression, IReadOnlyList<JinjaStatement>)>();
        do
        {
            var condition = _expressions.ParseTuple();
            CloseTag();
            branches.Add((condition, ParseBody("elif", "else", "endif")));
            _reader.Expect(JinjaTokenKind.BlockBegin);
        }
        while (_reader.TryName("elif"));

        return new JinjaIf(branches, ParseElse("endif"));
    }

    private JinjaFor ParseFor()
    {
        var target = ParseTargets(withAttributes: false);
        if (!_reader.TryName("in"))
        {
            throw _reader.Fault("'in' is expected");
        }

        var items = _expressions.ParseLoopItems();
        var condition = _reader.TryName("if") ? _expressions.Parse() : null;
        var isRecursive = _reader.TryName("recursive");
        CloseTag();
        _loops++;
        var body = ParseBody("else", "endfor");
        _loops--;
        _reader.Expect(JinjaTokenKind.BlockBegin);
        return new JinjaFor(target, items, condition, isRecursive, body, ParseElse("endfor"));
    }

    private JinjaStatement ParseSet()
    {
        var target = ParseTargets(withAttributes: true);
        if (_reader.TryOperator("="))
        {
            var value = _expressions.ParseTuple();
            CloseTag();
            return new JinjaSet(target, value);
        }

        if (target.Parts is not null)
        {
            throw _reader.Fault("'=' is expected");
        }

        var filtered = _expressions.Calls.ParseFilters(new JinjaVariable(JinjaFilterBlock.Body));
        CloseTag();
        return new JinjaBlockSet(target, filtered, ParseUntil("endset"));
    }

    private JinjaWith ParseWith()
    {
        var variables = new List<(JinjaTarget, JinjaExpression)>();
        while (_reader.Current.Kind != JinjaTokenKind.BlockEnd)
        {
            if (variables.Count > 0)
            {
                _reader.Expect(",");
            }

            var target = ParseTarget(withAttributes: false);
            _reader.Expect("=");
            variables.Add((target, _expressions.Parse()));
        }

        CloseTag();
        return new JinjaWith(variables, ParseUntil("endwith"));
    }

    private JinjaTarget ParseTargets(bool withAttributes)
    {
        var first = ParseTarget(withAttributes);
        if (!_reader.IsOperator(","))
        {
            return first;
        }

        var parts = new List<JinjaTarget> { first };
        while (_reader.TryOperator(",")
            && (_reader.IsOperator("(") || (_reader.Current.Kind == JinjaTokenKind.Name && !_reader.IsName("in"))))
        {
            parts.Add(ParseTarget(withAttributes));
        }

        return new JinjaTarget(null, Parts: parts);
    }

    private JinjaTarget ParseTarget(bool withAttributes)
    {
        if (_reader.TryOperator("("))
        {
            var inner = _reader.Nested(() => ParseTargets(withAttributes));
            _reader.Expect(")");
            return inner;
        }

        var name = _reader.ExpectName();
        if (name is "true" or "True" or "false" or "False" or "none" or "None")
        {
            throw _reader.Fault($"'{name}' cannot be set");
        }

        if (withAttributes && _reader.TryOperator("."))
        {
            var attribute = _reader.ExpectName();
            _names.Mention(attribute);
            return new JinjaTarget(name, attribute);
        }

        _names.Define(name);
        return new JinjaTarget(name);
    }

    private JinjaMacro ParseMacro()
    {
        var name = _reader.ExpectName();
        _names.Define(name);
        _reader.Expect("(");
        return ParseMacro(name, ParseParameters(), "endmacro");
    }

    private JinjaCallBlock ParseCall()
    {
        var parameters = _reader.TryOperator("(") ? ParseParameters() : [];
        var call = _expressions.Parse() as JinjaCall ?? throw _reader.Fault("a call of a macro is expected");
        return new JinjaCallBlock(call, ParseMacro(JinjaCallBlock.Caller, parameters, "endcall"));
    }

    // Which of the three special names occur in the body determines the arguments that a macro accepts.
    private JinjaMacro ParseMacro(string name, List<(string Name, JinjaExpression? Default)> parameters, string end)
    {
        CloseTag();
        var start = _reader.Position;
        var body = OutsideLoops(() => ParseUntil(end));
        var used = _reader.NamesSince(start);
        var own = parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        return new JinjaMacro(name, parameters, body, Uses(JinjaCallBlock.Caller), Uses(JinjaMacro.Keywords), Uses(JinjaMacro.Positions));

        bool Uses(string special) => used.Contains(special) && !own.Contains(special);
    }

    private T OutsideLoops<T>(Func<T> parse)
    {
        var loops = _loops;
        _loops = 0;
        var result = parse();
        _loops = loops;
        return result;
    }

    private List<(string Name, JinjaExpression? Default)> ParseParameters()
    {
        var parameters = new List<(string Name, JinjaExpression? Default)>();
        _names.Define(JinjaCallBlock.Caller);
        while (!_reader.TryOperator(")"))
        {
            var parameter = _reader.ExpectName();
            _names.Define(parameter);
            var otherwise = _reader.TryOperator("=") ? _expressions.Parse() : null;
            parameters.Add(otherwise is null && parameters.Exists(other => other.Default is not null)
                ? throw _reader.Fault($"'{parameter}' without a default follows a parameter with one")
                : (parameter, otherwise));
            if (!_reader.IsOperator(")"))
            {
                _reader.Expect(",");
            }
        }

        return parameters;
    }

    // The start of the block has already been read.
    private List<JinjaStatement> ParseElse(string end)
    {
        if (!_reader.TryName("else"))
        {
            _reader.ExpectName();
            CloseTag();
            return [];
        }

        CloseTag();
        return ParseUntil(end);
    }

    private List<JinjaStatement> ParseUntil(string end)
    {
        var body = ParseBody(end);
        _reader.Take();
        _reader.Take();
        CloseTag();
        return body;
    }

    private void CloseTag()
    {
        if (_reader.Current.Kind != JinjaTokenKind.BlockEnd)
        {
            throw _reader.Fault("'%}' is expected");
        }

        _reader.Take();
    }
}
