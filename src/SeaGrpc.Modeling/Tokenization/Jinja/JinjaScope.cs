namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Variables, with a parent scope for those not defined here.</summary>
internal sealed class JinjaScope(JinjaScope? parent)
{
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);

    internal object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._variables.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return new JinjaUndefined(name);
    }

    private JinjaScope? Parent => parent;

    internal void Set(string name, object? value) => _variables[name] = value;
}
