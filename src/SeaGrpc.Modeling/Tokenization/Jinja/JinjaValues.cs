namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The evaluated arguments of a call, filter or test.</summary>
internal sealed record JinjaValues(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    internal static JinjaValues None { get; } = new([], new Dictionary<string, object?>());

    /// <summary>Checks arguments that may be positional or named.</summary>
    /// <param name="what">The function's name, for messages.</param>
    /// <param name="required">Number of leading names that are required.</param>
    /// <param name="names">All names, in order.</param>
    internal JinjaValues Expect(string what, int required, params ReadOnlySpan<string> names)
    {
        if (Positional.Count > names.Length)
        {
            throw JinjaFault.Because($"'{what}' is given {Positional.Count} arguments and takes at most {names.Length}");
        }

        foreach (var name in Named.Keys)
        {
            var place = names.IndexOf(name);
            if (place < 0)
            {
                throw JinjaFault.Because($"'{what}' has no argument '{name}'");
            }

            if (place < Positional.Count)
            {
                throw JinjaFault.Because($"'{what}' is given '{name}' twice");
            }
        }

        for (var i = Positional.Count; i < required; i++)
        {
            if (!Named.ContainsKey(names[i]))
            {
                throw JinjaFault.Because($"'{what}' needs the argument '{names[i]}'");
            }
        }

        return this;
    }

    /// <summary>Checks arguments that may only be positional.</summary>
    internal JinjaValues Expect(string what, int least, int most)
    {
        if (Named.Count > 0)
        {
            throw JinjaFault.Because($"'{what}' takes no named arguments, and is given '{Named.Keys.First()}'");
        }

        return Positional.Count >= least && Positional.Count <= most
            ? this
            : throw JinjaFault.Because(
                $"'{what}' is given {Positional.Count} arguments and takes {(least == most ? least : $"{least} to {most}")}");
    }

    /// <summary>An argument by position or by name, or the default.</summary>
    internal object? Get(int index, string name, object? otherwise = null) =>
        index < Positional.Count ? Positional[index] : Named.GetValueOrDefault(name, otherwise);

    /// <summary>An argument that must be text.</summary>
    internal string Text(int index, string name, string? otherwise = null) => PythonText.Of(Get(index, name, otherwise))
        ?? throw Wrong(name, "text", Get(index, name, otherwise));

    /// <summary>An argument that must be text or none.</summary>
    internal string? TextOrNone(int index, string name) => Get(index, name) is null ? null : Text(index, name);

    /// <summary>An argument that must be an integer.</summary>
    internal long Integer(int index, string name, long? otherwise = null) => PythonNumbers.Of(Get(index, name, otherwise)) is long number
        ? number
        : throw Wrong(name, "a whole number", Get(index, name, otherwise));

    /// <summary>An argument that is true or false.</summary>
    internal bool Truth(int index, string name, bool otherwise = false) => JinjaOperators.IsTrue(Get(index, name, otherwise));

    private static ChatTemplateException Wrong(string name, string kind, object? value) => value is JinjaUndefined undefined
        ? undefined.Fault()
        : JinjaFault.Because($"the argument '{name}' must be {kind}, and is {JinjaFault.KindOf(value)}");
}
