namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>A value specific to Jinja: a function, a macro, a loop, a namespace.</summary>
internal abstract class JinjaObject
{
    /// <summary>Description for output and messages.</summary>
    internal abstract string Description { get; }

    internal virtual bool CanBeCalled => false;

    internal virtual object? Call(JinjaValues arguments) => throw JinjaFault.Because($"{Description} cannot be called");

    internal virtual bool TryGet(string name, out object? value)
    {
        value = null;
        return false;
    }
}

/// <summary>A function that a template can call.</summary>
/// <param name="description">Description for output and messages.</param>
/// <param name="body">The implementation.</param>
internal sealed class JinjaFunction(string description, Func<JinjaValues, object?> body) : JinjaObject
{
    internal override string Description => description;

    internal override bool CanBeCalled => true;

    internal override object? Call(JinjaValues arguments) => body(arguments);
}

/// <summary>The result of <c>namespace()</c>: attributes that set blocks may change.</summary>
internal sealed class JinjaNamespace : JinjaObject
{
    internal JinjaMap Attributes { get; } = new();

    internal override string Description => "a namespace";

    internal override bool TryGet(string name, out object? value) => Attributes.TryGet(name, out value);
}

/// <summary>The result of <c>cycler()</c>: its items in turn, endlessly.</summary>
internal sealed class JinjaCycler(IReadOnlyList<object?> items) : JinjaObject
{
    private int _place;

    internal override string Description => "a cycler";

    internal override bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "current" => items[_place],
            "next" => new JinjaFunction("next of a cycler", arguments =>
            {
                arguments.Expect("next", 0, 0);
                var item = items[_place];
                _place = (_place + 1) % items.Count;
                return item;
            }),
            "reset" => new JinjaFunction("reset of a cycler", arguments =>
            {
                arguments.Expect("reset", 0, 0);
                _place = 0;
                return null;
            }),
            _ => this,
        };
        return value != this;
    }
}

/// <summary>The result of <c>joiner()</c>: nothing at the first use, then its separator.</summary>
internal sealed class JinjaJoiner(object? separator) : JinjaObject
{
    private bool _used;

    internal override string Description => "a joiner";

    internal override bool CanBeCalled => true;

    internal override object? Call(JinjaValues arguments)
    {
        arguments.Expect("a joiner", 0, 0);
        var result = _used ? separator : "";
        _used = true;
        return result;
    }
}
