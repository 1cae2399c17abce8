namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The variable <c>loop</c> inside a for block.</summary>
/// <param name="items">The items of the loop.</param>
/// <param name="depth">Number of enclosing recursive loops.</param>
/// <param name="recurse">Runs the block for other items, one level deeper; null if the block is not recursive.</param>
/// <param name="operators">Compares the arguments of <c>changed</c>.</param>
internal sealed class JinjaLoop(IReadOnlyList<object?> items, int depth, Func<object?, int, string>? recurse, JinjaOperators operators)
    : JinjaObject
{
    private JinjaTuple? _last;

    /// <summary>Index of the iteration, from 0.</summary>
    internal int Index { get; set; }

    internal long Length => items.Count;

    internal override string Description => $"LoopContext {Index + 1}/{items.Count}";

    internal override bool CanBeCalled => true;

    internal override object? Call(JinjaValues arguments) => recurse is null
        ? throw JinjaFault.Because("a loop is called whose for block does not say 'recursive'")
        : recurse(arguments.Expect("loop", 1, "iterable").Get(0, "iterable"), depth + 1);

    internal override bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "index" => Index + 1L,
            "index0" => (long)Index,
            "revindex" => (long)(items.Count - Index),
            "revindex0" => items.Count - Index - 1L,
            "first" => Index == 0,
            "last" => Index == items.Count - 1,
            "length" => Length,
            "depth" => depth + 1L,
            "depth0" => (long)depth,
            "previtem" => Index > 0 ? items[Index - 1] : new JinjaUndefined("previtem", "there is no previous item"),
            "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new JinjaUndefined("nextitem", "there is no next item"),
            "cycle" => new JinjaFunction("loop.cycle", Cycle),
            "changed" => new JinjaFunction("loop.changed", HasChanged),
            _ => this,
        };
        return value != this;
    }

    private object? Cycle(JinjaValues arguments) => arguments.Positional.Count > 0 && arguments.Named.Count == 0
        ? arguments.Positional[Index % arguments.Positional.Count]
        : throw JinjaFault.Because("loop.cycle is given nothing");

    private object HasChanged(JinjaValues arguments)
    {
        arguments.Expect("loop.changed", 0, int.MaxValue);
        var given = new JinjaTuple(arguments.Positional);
        var changed = _last is null || !operators.AreEqual(_last, given);
        _last = given;
        return changed;
    }
}
