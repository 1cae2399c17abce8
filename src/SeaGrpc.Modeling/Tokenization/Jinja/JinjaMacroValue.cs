namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A macro, as a value.</summary>
/// <param name="macro">Its definition.</param>
/// <param name="run">Renders its body, given the values of its variables.</param>
internal sealed class JinjaMacroValue(
    JinjaMacro macro,
    Func<IEnumerable<(string Name, object? Value, JinjaExpression? Default)>, string> run
) : JinjaObject
{
    internal override string Description => $"Macro '{macro.Name}'";

    internal override bool CanBeCalled => true;

    internal override bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "name" => macro.Name,
            "arguments" => new JinjaTuple([.. macro.Parameters.Select(parameter => parameter.Name)]),
            "caller" => macro.UsesCaller,
            "catch_kwargs" => macro.UsesKeywords,
            "catch_varargs" => macro.UsesPositions,
            _ => this,
        };
        return value != this;
    }

    internal override object? Call(JinjaValues arguments)
    {
        var named = new Dictionary<string, object?>(arguments.Named, StringComparer.Ordinal);
        var variables = new List<(string, object?, JinjaExpression?)>();
        for (var i = 0; i < macro.Parameters.Count; i++)
        {
            var (name, otherwise) = macro.Parameters[i];
            if (i < arguments.Positional.Count)
            {
                variables.Add((name, arguments.Positional[i], null));
            }
            else
            {
                var missing = !named.Remove(name, out var value);
                variables.Add(
                    (
                        name,
                        missing ? new JinjaUndefined(name, $"the macro '{macro.Name}' is not given '{name}'") : value,
                        missing ? otherwise : null
                    )
                );
            }
        }

        if (macro.UsesCaller && macro.Parameters.All(parameter => parameter.Name != JinjaCallBlock.Caller))
        {
            named.Remove(JinjaCallBlock.Caller, out var caller);
            variables.Add(
                (
                    JinjaCallBlock.Caller,
                    caller ?? new JinjaUndefined(JinjaCallBlock.Caller, $"the macro '{macro.Name}' has no caller"),
                    null
                )
            );
        }

        if (macro.UsesKeywords)
        {
            var map = new JinjaMap();
            foreach (var (name, value) in named)
            {
                map[name] = value;
            }

            variables.Add((JinjaMacro.Keywords, map, null));
        }
        else if (named.Count > 0)
        {
            throw JinjaFault.Because($"the macro '{macro.Name}' has no argument '{named.Keys.First()}'");
        }

        if (macro.UsesPositions)
        {
            variables.Add((JinjaMacro.Positions, new JinjaTuple([.. arguments.Positional.Skip(macro.Parameters.Count)]), null));
        }
        else if (arguments.Positional.Count > macro.Parameters.Count)
        {
            throw JinjaFault.Because(
                $"the macro '{macro.Name}' is given {arguments.Positional.Count} arguments and takes {macro.Parameters.Count}"
            );
        }

        return run(variables);
    }
}
