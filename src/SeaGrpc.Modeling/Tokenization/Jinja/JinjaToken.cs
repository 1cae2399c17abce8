namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The kinds of tokens in a template.</summary>
internal enum JinjaTokenKind
{
    Text,
    OutputBegin,
    OutputEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Integer,
    Float,
    String,
    Operator,
    End,
}

/// <summary>One token of a template.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">Its text. For a string, with its escapes resolved.</param>
/// <param name="Line">The line that it starts on, from 1.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text, int Line);
