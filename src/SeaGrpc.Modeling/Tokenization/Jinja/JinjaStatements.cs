namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A part of a template that writes or does something.</summary>
internal abstract record JinjaStatement;

/// <summary>Text that is written as it stands.</summary>
internal sealed record JinjaText(string Text) : JinjaStatement;

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record JinjaOutput(JinjaExpression Value) : JinjaStatement;

/// <summary>if, elif and else: the first branch whose condition holds.</summary>
internal sealed record JinjaIf(
    IReadOnlyList<(JinjaExpression Condition, IReadOnlyList<JinjaStatement> Body)> Branches, IReadOnlyList<JinjaStatement> Otherwise)
    : JinjaStatement;

/// <summary>for, with its optional condition and else.</summary>
internal sealed record JinjaFor(
    IReadOnlyList<string> Names,
    JinjaExpression Items,
    JinjaExpression? Condition,
    IReadOnlyList<JinjaStatement> Body,
    IReadOnlyList<JinjaStatement> Otherwise) : JinjaStatement;

/// <summary>set of one or more variables, or of a namespace's attribute.</summary>
internal sealed record JinjaSet(IReadOnlyList<string> Names, string? Attribute, JinjaExpression Value) : JinjaStatement;

/// <summary>set of a variable to what a block writes.</summary>
internal sealed record JinjaBlockSet(string Name, IReadOnlyList<JinjaStatement> Body) : JinjaStatement;

/// <summary>The definition of a macro.</summary>
internal sealed record JinjaMacro(
    string Name, IReadOnlyList<(string Name, JinjaExpression? Default)> Parameters, IReadOnlyList<JinjaStatement> Body) : JinjaStatement;

/// <summary>filter: what its body writes, filtered.</summary>
/// <param name="Filtered">The filters, of a variable that no template can name.</param>
/// <param name="Statements">The body.</param>
internal sealed record JinjaFilterBlock(JinjaExpression Filtered, IReadOnlyList<JinjaStatement> Statements) : JinjaStatement
{
    internal const string Body = "a filter's body";
}

/// <summary>call: a macro that may call the block's body back.</summary>
internal sealed record JinjaCallBlock(JinjaCall Call, JinjaMacro Body) : JinjaStatement
{
    internal const string Caller = "caller";
}

/// <summary>A generation block, which writes its body.</summary>
internal sealed record JinjaGeneration(IReadOnlyList<JinjaStatement> Body) : JinjaStatement;

/// <summary>do: a value that is thrown away.</summary>
internal sealed record JinjaDo(JinjaExpression Value) : JinjaStatement;

/// <summary>break (true) or continue (false).</summary>
internal sealed record JinjaJump(bool Ends) : JinjaStatement;
