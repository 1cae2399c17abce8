namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A part of a template that writes or does something.</summary>
internal abstract record JinjaStatement;

/// <summary>Literal text.</summary>
internal sealed record JinjaText(string Text) : JinjaStatement;

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record JinjaOutput(JinjaExpression Value) : JinjaStatement;

/// <summary>A sequence of statements.</summary>
internal sealed record JinjaGroup(IReadOnlyList<JinjaStatement> Body) : JinjaStatement;

/// <summary>if, elif and else: runs the first branch whose condition is true.</summary>
internal sealed record JinjaIf(
    IReadOnlyList<(JinjaExpression Condition, IReadOnlyList<JinjaStatement> Body)> Branches, IReadOnlyList<JinjaStatement> Otherwise)
    : JinjaStatement;

/// <summary>for, with its optional condition and else.</summary>
internal sealed record JinjaFor(
    JinjaTarget Target,
    JinjaExpression Items,
    JinjaExpression? Condition,
    bool IsRecursive,
    IReadOnlyList<JinjaStatement> Body,
    IReadOnlyList<JinjaStatement> Otherwise) : JinjaStatement;

/// <summary>The target of an assignment: a variable, an attribute of a namespace, or several targets.</summary>
/// <param name="Name">The variable; null if there are parts.</param>
/// <param name="Attribute">The attribute of the namespace that the variable holds, or null.</param>
/// <param name="Parts">Targets that receive one item each, or null.</param>
internal sealed record JinjaTarget(string? Name, string? Attribute = null, IReadOnlyList<JinjaTarget>? Parts = null);

/// <summary>set.</summary>
internal sealed record JinjaSet(JinjaTarget Target, JinjaExpression Value) : JinjaStatement;

/// <summary>Sets a target to the output of a block.</summary>
/// <param name="Target">The target.</param>
/// <param name="Filtered">Filters, applied to a variable that no template can name.</param>
/// <param name="Body">The block.</param>
internal sealed record JinjaBlockSet(JinjaTarget Target, JinjaExpression Filtered, IReadOnlyList<JinjaStatement> Body) : JinjaStatement;

/// <summary>with: variables for its body.</summary>
internal sealed record JinjaWith(IReadOnlyList<(JinjaTarget Target, JinjaExpression Value)> Variables, IReadOnlyList<JinjaStatement> Body)
    : JinjaStatement;

/// <summary>The definition of a macro.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Its parameters and their defaults.</param>
/// <param name="Body">Its body.</param>
/// <param name="UsesCaller">Whether its body contains <c>caller</c>.</param>
/// <param name="UsesKeywords">Whether its body contains <c>kwargs</c>, so it accepts any named argument.</param>
/// <param name="UsesPositions">Whether its body contains <c>varargs</c>, so it accepts any number of arguments.</param>
internal sealed record JinjaMacro(
    string Name,
    IReadOnlyList<(string Name, JinjaExpression? Default)> Parameters,
    IReadOnlyList<JinjaStatement> Body,
    bool UsesCaller,
    bool UsesKeywords,
    bool UsesPositions) : JinjaStatement
{
    internal const string Keywords = "kwargs";
    internal const string Positions = "varargs";
}

/// <summary>filter: filters the output of its body.</summary>
/// <param name="Filtered">The filters, applied to a variable that no template can name.</param>
/// <param name="Statements">The body.</param>
internal sealed record JinjaFilterBlock(JinjaExpression Filtered, IReadOnlyList<JinjaStatement> Statements) : JinjaStatement
{
    internal const string Body = "a filter's body";
}

/// <summary>call: calls a macro, which may call the body of the block.</summary>
internal sealed record JinjaCallBlock(JinjaCall Call, JinjaMacro Body) : JinjaStatement
{
    internal const string Caller = "caller";
}

/// <summary>A generation block, which outputs its body.</summary>
internal sealed record JinjaGeneration(IReadOnlyList<JinjaStatement> Body) : JinjaStatement;

/// <summary>do: evaluates an expression and discards the value.</summary>
internal sealed record JinjaDo(JinjaExpression Value) : JinjaStatement;

/// <summary>break (true) or continue (false).</summary>
internal sealed record JinjaJump(bool Ends) : JinjaStatement;
