namespace SeaGrpc.Modeling.Transformer;

/// <summary>A token after a prompt and other tokens: the responses of a run form a tree of them. Plain numbers.</summary>
/// <param name="before">The token before it; null at the end of the prompt.</param>
/// <param name="depth">Number of tokens after the prompt, including this one.</param>
internal sealed class ReadToken(ReadToken? before, int depth)
{
    private Dictionary<long, ReadToken>? _next;

    /// <summary>The place where its numbers were stored last, or -1.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>The same token path with one more token.</summary>
    public ReadToken Then(long id)
    {
        _next ??= [];
        if (!_next.TryGetValue(id, out ReadToken? next))
        {
            next = new ReadToken(this, depth + 1);
            _next.Add(id, next);
        }

        return next;
    }

    /// <summary>The token on the path to this one with a given depth, which is at most its own.</summary>
    public ReadToken At(int count)
    {
        ReadToken token = this;
        for (int steps = depth - count; steps > 0; steps--)
        {
            token = token.Before!;
        }

        return token;
    }

    private ReadToken? Before => before;
}
