using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Splits a template into tokens, with trim_blocks and lstrip_blocks enabled, as transformers renders chat templates.</summary>
/// <remarks>Source: the white space rules in Jinja's template documentation. One newline at the end of the template is dropped.</remarks>
internal sealed partial class JinjaLexer
{
    private static readonly string[] Operators =
        ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(", ")", "[", "]", "{", "}"];

    private readonly string _source;
    private readonly List<JinjaToken> _tokens = [];
    private int _position;
    private int _line = 1;
    private bool _lineStarting = true;

    private JinjaLexer(string source)
    {
        _source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = _source.EndsWith('\n') ? _source[..^1] : _source;
    }

    internal static IReadOnlyList<JinjaToken> Tokenize(string source)
    {
        if (source.Length > JinjaBudget.MaxSource)
        {
            throw new ChatTemplateException($"The chat template is longer than {JinjaBudget.MaxSource} characters.");
        }

        var lexer = new JinjaLexer(source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_position < _source.Length)
        {
            var tag = FindTag();
            ReadText(tag);
            if (_position >= _source.Length)
            {
                break;
            }

            var kind = _source[_position + 1];
            Move(2);
            if (_position < _source.Length && Current is '-' or '+')
            {
                Move(1);
            }

            if (kind == '#')
            {
                SkipComment();
            }
            else if (kind != '%' || !TryReadRaw())
            {
                ReadTag(kind == '{');
            }
        }

        Add(JinjaTokenKind.End, "");
    }

    private char Current => _source[_position];

    private int FindTag()
    {
        for (var i = _position; i + 1 < _source.Length; i++)
        {
            if (_source[i] == '{' && _source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return _source.Length;
    }

    private void ReadText(int end)
    {
        var text = _source[_position..end];
        if (end < _source.Length)
        {
            var sign = end + 2 < _source.Length ? _source[end + 2] : ' ';
            if (sign == '-')
            {
                text = PythonText.Strip(text, null, false, true);
            }
            else if (sign != '+' && _source[end + 1] != '{')
            {
                var lineStart = text.LastIndexOf('\n') + 1;
                if ((lineStart > 0 || _lineStarting) && text[lineStart..].All(c => PythonCharacters.IsSpace(c)))
                {
                    text = text[..lineStart];
                }
            }
        }

        if (text.Length > 0)
        {
            Add(JinjaTokenKind.Text, text);
        }

        Move(end - _position);
    }

    [GeneratedRegex(@"\G\s*raw\s*(-?)%\}")]
    private static partial Regex RawBegin { get; }

    [GeneratedRegex(@"\{%[-+]?\s*endraw\s*([-+]?)%\}")]
    private static partial Regex RawEnd { get; }

    // The content of a raw block is text, including tags.
    private bool TryReadRaw()
    {
        var begin = RawBegin.Match(_source, _position);
        if (!begin.Success)
        {
            return false;
        }

        Move(begin.Length);

        // Unlike after other blocks, a newline is kept here.
        SkipAfterTag(begin.Groups[1].Value == "-", dropsNewline: false);
        var end = RawEnd.Match(_source, _position);
        if (!end.Success)
        {
            throw Fault("endraw is missing");
        }

        ReadText(end.Index);
        Move(end.Length);
        SkipAfterTag(end.Groups[1].Value == "-", end.Groups[1].Value != "+");
        return true;
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Fault("a comment is not closed");
        }

        var sign = end > _position ? _source[end - 1] : ' ';
        Move(end + 2 - _position);
        SkipAfterTag(sign == '-', sign != '+');
    }

    private void ReadTag(bool isOutput)
    {
        Add(isOutput ? JinjaTokenKind.OutputBegin : JinjaTokenKind.BlockBegin, "");
        var close = isOutput ? "}}" : "%}";
        var depth = 0;
        while (true)
        {
            while (_position < _source.Length && PythonCharacters.IsSpace(Current))
            {
                Move(1);
            }

            if (_position >= _source.Length)
            {
                throw Fault("a tag is not closed");
            }

            if (depth == 0 && (At(close) || At("-" + close) || (!isOutput && At("+" + close))))
            {
                var sign = Current;
                Move(sign is '-' or '+' ? 3 : 2);
                Add(isOutput ? JinjaTokenKind.OutputEnd : JinjaTokenKind.BlockEnd, "");
                SkipAfterTag(sign == '-', !isOutput && sign != '+');
                return;
            }

            ReadInTag(ref depth);
        }
    }

    private void SkipAfterTag(bool trims, bool dropsNewline)
    {
        var start = _position;
        while (trims && _position < _source.Length && PythonCharacters.IsSpace(Current))
        {
            Move(1);
        }

        if (!trims && dropsNewline && At("\n"))
        {
            Move(1);
        }

        _lineStarting = _position > start && _source[_position - 1] == '\n';
    }

    private void ReadInTag(ref int depth)
    {
        if (char.IsLetter(Current) || Current == '_')
        {
            Add(JinjaTokenKind.Name, Take(c => char.IsLetterOrDigit(c) || c == '_'));
        }
        else if (char.IsAsciiDigit(Current))
        {
            ReadNumber();
        }
        else if (Current is '"' or '\'')
        {
            ReadString();
        }
        else
        {
            var symbol = Array.Find(Operators, At) ?? throw Fault($"the character '{Current}' has no meaning here");
            depth += symbol is "(" or "[" or "{" ? 1 : symbol is ")" or "]" or "}" ? -1 : 0;
            Add(JinjaTokenKind.Operator, symbol);
            Move(symbol.Length);
        }
    }

    [GeneratedRegex(@"\G(?<!\.)[0-9]+(?:_[0-9]+)*(?:(?:\.[0-9]+(?:_[0-9]+)*)?[eE][-+]?[0-9]+(?:_[0-9]+)*|\.[0-9]+(?:_[0-9]+)*)")]
    private static partial Regex FloatNumber { get; }

    [GeneratedRegex(@"\G(?:0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*)")]
    private static partial Regex WholeNumber { get; }

    private void ReadNumber()
    {
        var real = FloatNumber.Match(_source, _position);
        var number = real.Success ? real : WholeNumber.Match(_source, _position);
        Add(real.Success ? JinjaTokenKind.Float : JinjaTokenKind.Integer, number.Value.Replace("_", "", StringComparison.Ordinal));
        Move(number.Length);
    }

    private void ReadString()
    {
        var line = _line;
        var literal = new PythonStringLiteral(_source, _position);
        var fault = literal.Read();
        Move(literal.End - _position);
        _tokens.Add(fault is null ? new JinjaToken(JinjaTokenKind.String, literal.Value, line) : throw Fault(fault));
    }

    private string Take(Func<char, bool> belongs)
    {
        var start = _position;
        while (_position < _source.Length && belongs(Current))
        {
            _position++;
        }

        return _source[start.._position];
    }

    private bool At(string text) => string.CompareOrdinal(_source, _position, text, 0, text.Length) == 0;

    private void Add(JinjaTokenKind kind, string text) => _tokens.Add(new JinjaToken(kind, text, _line));

    private void Move(int count)
    {
        _line += _source.AsSpan(_position, count).Count('\n');
        _position += count;
    }

    private ChatTemplateException Fault(string problem) => new($"The chat template is wrong in line {_line}: {problem}.");
}
