namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The tests that stand after <c>is</c>.</summary>
internal sealed class JinjaTests(JinjaOperators operators)
{
    internal bool Apply(string name, object? value, JinjaValues arguments) => name switch
    {
        "defined" => value is not JinjaUndefined,
        "undefined" => value is JinjaUndefined,
        "none" => value is null,
        "string" => value is string,
        "mapping" => value is JinjaMap,
        "iterable" or "sequence" => value is string or List<object?> or JinjaMap,
        "number" => value is long or double or bool,
        "integer" => value is long,
        "float" => value is double,
        "boolean" => value is bool,
        "callable" => value is JinjaFunction,
        "true" => value is true,
        "false" => value is false,
        "odd" => operators.Apply("%", value, 2L) is 1L,
        "even" => operators.Apply("%", value, 2L) is 0L,
        "divisibleby" => !JinjaOperators.IsTrue(operators.Apply("%", value, arguments.Get(0, "num"))),
        "equalto" or "eq" or "==" or "sameas" => operators.AreEqual(value, arguments.Get(0, "other")),
        "ne" or "!=" => !operators.AreEqual(value, arguments.Get(0, "other")),
        "lt" or "lessthan" => operators.Compare(value, arguments.Get(0, "other")) < 0,
        "le" => operators.Compare(value, arguments.Get(0, "other")) <= 0,
        "gt" or "greaterthan" => operators.Compare(value, arguments.Get(0, "other")) > 0,
        "ge" => operators.Compare(value, arguments.Get(0, "other")) >= 0,
        "in" => operators.Contains(arguments.Get(0, "seq"), value),
        "lower" => value is string text && !text.Any(char.IsUpper),
        "upper" => value is string text && !text.Any(char.IsLower),
        _ => throw JinjaOperators.Fault($"the test '{name}' is not supported"),
    };
}
