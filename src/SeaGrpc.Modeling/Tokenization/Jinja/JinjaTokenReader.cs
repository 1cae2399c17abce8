namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The parsers' position in the tokens of a template, and their nesting depth.</summary>
internal sealed class JinjaTokenReader(IReadOnlyList<JinjaToken> tokens)
{
    private int _position;
    private int _depth;

    internal JinjaToken Current => tokens[_position];

    internal JinjaToken Next => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    internal int Position => _position;

    /// <summary>The names among the tokens since a position, without those of attributes and arguments.</summary>
    internal HashSet<string> NamesSince(int start)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = start; i < _position; i++)
        {
            if (tokens[i].Kind == JinjaTokenKind.Name && tokens[i - 1] is not { Kind: JinjaTokenKind.Operator, Text: "." }
                && tokens[i + 1] is not { Kind: JinjaTokenKind.Operator, Text: "=" })
            {
                names.Add(tokens[i].Text);
            }
        }

        return names;
    }

    internal JinjaToken Take() => tokens[_position < tokens.Count - 1 ? _position++ : _position];

    internal bool IsOperator(string text) => Current.Kind == JinjaTokenKind.Operator && Current.Text == text;

    internal bool IsName(string text) => Current.Kind == JinjaTokenKind.Name && Current.Text == text;

    internal bool TryOperator(string text)
    {
        if (!IsOperator(text))
        {
            return false;
        }

        Take();
        return true;
    }

    internal bool TryName(string text)
    {
        if (!IsName(text))
        {
            return false;
        }

        Take();
        return true;
    }

    internal void Expect(string text)
    {
        if (!TryOperator(text))
        {
            throw Fault($"'{text}' is expected");
        }
    }

    internal void Expect(JinjaTokenKind kind)
    {
        if (Take().Kind != kind)
        {
            throw Fault($"{kind} is expected");
        }
    }

    internal string ExpectName() => Current.Kind == JinjaTokenKind.Name ? Take().Text : throw Fault("a name is expected");

    /// <summary>Runs a parser one level deeper.</summary>
    internal T Nested<T>(Func<T> parse)
    {
        if (++_depth > JinjaBudget.MaxDepth)
        {
            throw Fault($"it is nested deeper than {JinjaBudget.MaxDepth} levels");
        }

        var result = parse();
        _depth--;
        return result;
    }

    internal ChatTemplateException Fault(string problem)
    {
        var found = Current.Kind is JinjaTokenKind.Name or JinjaTokenKind.Operator ? $"'{Current.Text}'" : Current.Kind.ToString();
        return new ChatTemplateException($"The chat template is wrong in line {Current.Line}, at {found}: {problem}.");
    }
}
