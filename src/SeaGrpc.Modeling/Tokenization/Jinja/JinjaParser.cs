namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Parses a template: text, outputs and blocks. What it does not know it refuses, by name.</summary>
internal sealed class JinjaParser
{
    private readonly JinjaTokenReader _reader;
    private readonly JinjaExpressionParser _expressions;

    private JinjaParser(IReadOnlyList<JinjaToken> tokens)
    {
        _reader = new JinjaTokenReader(tokens);
        _expressions = new JinjaExpressionParser(_reader);
    }

    internal static IReadOnlyList<JinjaStatement> Parse(string source)
    {
        var parser = new JinjaParser(JinjaLexer.Tokenize(source));
        var body = parser.ParseBody();
        return parser._reader.Current.Kind == JinjaTokenKind.End ? body : throw parser._reader.Fault("nothing is open here to be closed");
    }

    // Ends before a block that opens with one of the names, or at the end of the template.
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
                return new JinjaGeneration(ParseUntil("endgeneration"));
            case "filter":
                var filtered = _expressions.ParseBlockFilters(new JinjaVariable(JinjaFilterBlock.Body));
                CloseTag();
                return new JinjaFilterBlock(filtered, ParseUntil("endfilter"));
            case "call":
                return ParseCall();
            case "do":
                var value = _expressions.ParseTuple();
                CloseTag();
                return new JinjaDo(value);
            case "break":
            case "continue":
                CloseTag();
                return new JinjaJump(name == "break");
            default:
                throw _reader.Fault(
                    $"the block '{name}' is not supported; supported are if, for, set, macro, call, filter, raw, generation, do, break and continue");
        }
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
        var names = new List<string> { _reader.ExpectName() };
        while (_reader.TryOperator(","))
        {
            names.Add(_reader.ExpectName());
        }

        if (!_reader.TryName("in"))
        {
            throw _reader.Fault("'in' is expected");
        }

        var items = _expressions.ParseOr();
        var condition = _reader.TryName("if") ? _expressions.Parse() : null;
        CloseTag();
        var body = ParseBody("else", "endfor");
        _reader.Expect(JinjaTokenKind.BlockBegin);
        return new JinjaFor(names, items, condition, body, ParseElse("endfor"));
    }

    private JinjaStatement ParseSet()
    {
        var names = new List<string> { _reader.ExpectName() };
        var attribute = _reader.TryOperator(".") ? _reader.ExpectName() : null;
        while (_reader.TryOperator(","))
        {
            names.Add(_reader.ExpectName());
        }

        if (_reader.TryOperator("="))
        {
            var value = _expressions.ParseTuple();
            CloseTag();
            return new JinjaSet(names, attribute, value);
        }

        if (names.Count > 1 || attribute is not null)
        {
            throw _reader.Fault("'=' is expected");
        }

        CloseTag();
        return new JinjaBlockSet(names[0], ParseUntil("endset"));
    }

    private JinjaMacro ParseMacro()
    {
        var name = _reader.ExpectName();
        _reader.Expect("(");
        var parameters = ParseParameters();
        CloseTag();
        return new JinjaMacro(name, parameters, ParseUntil("endmacro"));
    }

    private JinjaCallBlock ParseCall()
    {
        var parameters = _reader.TryOperator("(") ? ParseParameters() : [];
        var call = _expressions.Parse() as JinjaCall ?? throw _reader.Fault("a call of a macro is expected");
        CloseTag();
        return new JinjaCallBlock(call, new JinjaMacro(JinjaCallBlock.Caller, parameters, ParseUntil("endcall")));
    }

    private List<(string Name, JinjaExpression? Default)> ParseParameters()
    {
        var parameters = new List<(string, JinjaExpression?)>();
        while (!_reader.TryOperator(")"))
        {
            var parameter = _reader.ExpectName();
            parameters.Add((parameter, _reader.TryOperator("=") ? _expressions.Parse() : null));
            if (!_reader.IsOperator(")"))
            {
                _reader.Expect(",");
            }
        }

        return parameters;
    }

    // The block's begin is read already.
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
