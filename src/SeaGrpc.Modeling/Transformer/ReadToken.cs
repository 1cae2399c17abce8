namespace SeaGrpc.Modeling.Transformer;

/// <summary>A token after a prompt and other tokens: the responses of a run form a tree of them. Plain numbers.</summary>
public sealed class ReadToken
{
    private readonly ReadToken? _before;
    private readonly int _depth;
    private Dictionary<long, ReadToken>? _next;

    /// <param name="before">The token before it; null at the end of the prompt.</param>
    /// <param name="depth">Number of tokens after the prompt, including this one.</param>
    internal ReadToken(ReadToken? before, int depth)
    {
        _before = before;
        _depth = depth;
    }

    /// <summary>The place where its numbers were stored last, or -1.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>The same token path with one more token.</summary>
    public ReadToken Then(long id)
    {
        _next ??= [];
        if (!_next.TryGetValue(id, out ReadToken? next))
        {
            next = new ReadToken(this, _depth + 1);
            _next.Add(id, next);
        }

        return next;
    }

    /// <summary>The token on the path to this one with a given depth, which is at most its own.</summary>
    public ReadToken At(int count)
    {
        ReadToken token = this;
        for (int steps = _depth - count; steps > 0; steps--)
        {
            token = token._before!;
        }

        return token;
    }
}
