namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A part of a template that has a value.</summary>
internal abstract record JinjaExpression;

/// <summary>A constant.</summary>
internal sealed record JinjaLiteral(object? Value) : JinjaExpression;

/// <summary>A variable.</summary>
internal sealed record JinjaVariable(string Name) : JinjaExpression;

/// <summary>A list, or a tuple.</summary>
internal sealed record JinjaListDisplay(IReadOnlyList<JinjaExpression> Items, bool IsTuple = false) : JinjaExpression;

/// <summary>A mapping.</summary>
internal sealed record JinjaMapDisplay(IReadOnlyList<(JinjaExpression Key, JinjaExpression Value)> Items) : JinjaExpression;

/// <summary><c>target.name</c>.</summary>
internal sealed record JinjaAttribute(JinjaExpression Target, string Name) : JinjaExpression;

/// <summary><c>target[index]</c>.</summary>
internal sealed record JinjaIndex(JinjaExpression Target, JinjaExpression Index) : JinjaExpression;

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed record JinjaSlice(JinjaExpression Target, JinjaExpression? Start, JinjaExpression? Stop, JinjaExpression? Step)
    : JinjaExpression;

/// <summary>The arguments of a call, filter or test.</summary>
/// <param name="Positional">Positional arguments.</param>
/// <param name="Named">Named arguments.</param>
/// <param name="Items">The value after <c>*</c>: further positional arguments.</param>
/// <param name="Pairs">The value after <c>**</c>: further named arguments.</param>
internal sealed record JinjaArguments(
    IReadOnlyList<JinjaExpression> Positional,
    IReadOnlyList<(string Name, JinjaExpression Value)> Named,
    JinjaExpression? Items = null,
    JinjaExpression? Pairs = null)
{
    internal static JinjaArguments None { get; } = new([], []);
}

/// <summary><c>callee(arguments)</c>.</summary>
internal sealed record JinjaCall(JinjaExpression Callee, JinjaArguments Arguments) : JinjaExpression;

/// <summary><c>target | name(arguments)</c>.</summary>
internal sealed record JinjaFilter(JinjaExpression Target, string Name, JinjaArguments Arguments) : JinjaExpression;

/// <summary><c>target is name(arguments)</c>. With <c>not</c>, it is inside a <see cref="JinjaUnary"/>.</summary>
internal sealed record JinjaTest(JinjaExpression Target, string Name, JinjaArguments Arguments) : JinjaExpression;

/// <summary><c>not</c>, <c>-</c> and <c>+</c>.</summary>
internal sealed record JinjaUnary(string Operator, JinjaExpression Operand) : JinjaExpression;

/// <summary>A binary operation. <c>and</c> and <c>or</c> evaluate the second operand only if necessary.</summary>
internal sealed record JinjaBinary(string Operator, JinjaExpression Left, JinjaExpression Right) : JinjaExpression;

/// <summary>A chain of comparisons: <c>a &lt; b &lt; c</c>.</summary>
internal sealed record JinjaComparison(JinjaExpression First, IReadOnlyList<(string Operator, JinjaExpression Operand)> Rest)
    : JinjaExpression;

/// <summary><c>value if condition else otherwise</c>.</summary>
internal sealed record JinjaConditional(JinjaExpression Value, JinjaExpression Condition, JinjaExpression? Otherwise) : JinjaExpression;
