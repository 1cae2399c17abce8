namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The kinds of things that a template is made of.</summary>
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

/// <summary>One piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a string, what the escapes stand for.</param>
/// <param name="Line">The line that it begins on, from 1.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text, int Line);
