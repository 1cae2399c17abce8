using System.Collections.Frozen;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The tests after <c>is</c>.</summary>
internal sealed class JinjaTests(JinjaBudget budget, JinjaOperators operators)
{
    private static readonly FrozenDictionary<string, Func<JinjaTests, object?, bool>> Simple = new Dictionary<
        string,
        Func<JinjaTests, object?, bool>
    >
    {
        ["defined"] = (_, value) => value is not JinjaUndefined,
        ["undefined"] = (_, value) => value is JinjaUndefined,
        ["none"] = (_, value) => value is null,
        ["string"] = (_, value) => PythonText.Of(value) is not null,
        ["escaped"] = (_, value) => value is JinjaMarkup,
        ["mapping"] = (_, value) => value is JinjaMap,
        ["iterable"] = (_, value) => PythonText.Of(value) is not null
            || value is List<object?> or JinjaTuple or JinjaMap or JinjaView or JinjaRange or JinjaIterator or JinjaUndefined or JinjaLoop,
        ["sequence"] = (_, value) =>
            PythonText.Of(value) is not null || value is List<object?> or JinjaTuple or JinjaMap or JinjaRange or JinjaUndefined,
        ["number"] = (_, value) => PythonNumbers.Of(value) is not null,
        ["integer"] = (_, value) => value is long or System.Numerics.BigInteger,
        ["float"] = (_, value) => value is double,
        ["boolean"] = (_, value) => value is bool,
        ["callable"] = (_, value) => value is JinjaObject { CanBeCalled: true } or JinjaUndefined,
        ["true"] = (_, value) => value is true,
        ["false"] = (_, value) => value is false,
        ["odd"] = (self, value) => self.IsEqual(self.Remains(value, 2L), 1L),
        ["even"] = (self, value) => self.IsEqual(self.Remains(value, 2L), 0L),
        ["lower"] = (self, value) => PythonCase.AllAre(self.Text(value), PythonCharacters.IsLower, PythonCharacters.IsUpper),
        ["upper"] = (self, value) => PythonCase.AllAre(self.Text(value), PythonCharacters.IsUpper, PythonCharacters.IsLower),
        ["filter"] = (_, value) => IsNameIn(JinjaFilters.Names, value),
        ["test"] = (_, value) => IsNameIn(Names!, value),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> Comparisons = new Dictionary<string, string>
    {
        ["equalto"] = "==",
        ["eq"] = "==",
        ["=="] = "==",
        ["ne"] = "!=",
        ["!="] = "!=",
        ["lt"] = "<",
        ["lessthan"] = "<",
        ["<"] = "<",
        ["le"] = "<=",
        ["<="] = "<=",
        ["gt"] = ">",
        ["greaterthan"] = ">",
        [">"] = ">",
        ["ge"] = ">=",
        [">="] = ">=",
        ["in"] = "in",
    }.ToFrozenDictionary();

    /// <summary>The names of all tests.</summary>
    internal static FrozenSet<string> Names { get; } = FrozenSet.ToFrozenSet(
        [.. Simple.Keys, .. Comparisons.Keys, "divisibleby", "sameas"]);

    internal bool Apply(string name, object? value, JinjaValues arguments)
    {
        if (Simple.TryGetValue(name, out var test))
        {
            arguments.Expect(name, 0, 0);
            return test(this, value);
        }

        var other = arguments.Expect(name, 1, name == "divisibleby" ? "num" : name == "in" ? "seq" : "other")
            .Get(0, name == "divisibleby" ? "num" : name == "in" ? "seq" : "other");
        return name switch
        {
            "divisibleby" => IsEqual(Remains(value, other), 0L),
            "sameas" => IsSame(value, other),
            _ when Comparisons.TryGetValue(name, out var symbol) => operators.Holds(symbol, value, other),
            _ => throw JinjaFault.Because($"the test '{name}' is not supported"),
        };
    }

    private static bool IsNameIn(FrozenSet<string> names, object? value)
    {
        _ = PythonHash.Of(value);
        return PythonText.Of(value) is { } name && names.Contains(name);
    }

    private bool IsEqual(object? value, object? other) => operators.AreEqual(value, other);

    private object? Remains(object? value, object? divisor) => operators.Apply("%", value, divisor);

    private string Text(object? value) => budget.Touch(JinjaFormat.ToText(value, budget));

    // Python compares object identity. For immutable values, equal values of the same kind count as identical.
    private bool IsSame(object? value, object? other) => (value, other) switch
    {
        (string or bool or long or null, _) => value?.GetType() == other?.GetType() && operators.AreEqual(value, other),
        _ => ReferenceEquals(value, other),
    };
}
