namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A value that nothing has set. It is false and empty, and has no attributes.</summary>
/// <param name="Name">What was looked for.</param>
internal sealed record JinjaUndefined(string Name);

/// <summary>A mapping; keys are text and keep their order. A value is null, a bool, long, double, string, list, map or function.</summary>
internal sealed class JinjaMap : OrderedDictionary<string, object?>
{
    internal JinjaMap(bool isNamespace = false)
        : base(StringComparer.Ordinal)
    {
        IsNamespace = isNamespace;
    }

    /// <summary>Whether a set block may change it.</summary>
    internal bool IsNamespace { get; }
}

/// <summary>The evaluated arguments of a call, filter or test.</summary>
internal sealed record JinjaValues(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    internal static JinjaValues None { get; } = new([], new Dictionary<string, object?>());

    /// <summary>An argument by place or by name, or the default.</summary>
    internal object? Get(int index, string name, object? otherwise = null) =>
        index < Positional.Count ? Positional[index] : Named.GetValueOrDefault(name, otherwise);

    /// <summary>An argument that must be text.</summary>
    internal string Text(int index, string name, string? otherwise = null) => Get(index, name, otherwise) as string
        ?? throw new ChatTemplateException($"The chat template calls something whose argument '{name}' must be text.");

    /// <summary>An argument that must be a whole number.</summary>
    internal long Integer(int index, string name, long? otherwise = null) => Get(index, name, otherwise) switch
    {
        long number => number,
        bool truth => truth ? 1 : 0,
        _ => throw new ChatTemplateException($"The chat template calls something whose argument '{name}' must be a whole number."),
    };
}

/// <summary>Something that a template can call.</summary>
internal delegate object? JinjaFunction(JinjaValues arguments);
