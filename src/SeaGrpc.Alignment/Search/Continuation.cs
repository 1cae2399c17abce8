namespace SeaGrpc.Alignment.Search;

/// <summary>
/// One prefix's continuation while it is searched for: the beams that go on, the responses that have ended, and the best of these. Owns its
/// rows.
/// </summary>
/// <param name="start">The prefix, one row; taken over.</param>
/// <param name="bound">Energy of the response that a continuation must beat, in nats.</param>
internal sealed class Continuation(PrefixRows start, double bound) : IDisposable
{
    private readonly int _startLength = start.Length;

    /// <summary>The beams that go on; null where none does.</summary>
    public PrefixRows? Beams { get; private set; } = start;

    /// <summary>What each beam would be if it ended here; null where that has not been read: the start.</summary>
    public ScoredResponse[]? Prefixes { get; private set; }

    /// <summary>Beams that have grown by the part of a chunk that there is; null between chunks.</summary>
    public PrefixRows? Chunk { get; set; }

    /// <summary>The best response that has ended.</summary>
    public ScoredResponse? Best { get; private set; }

    /// <summary>What it was read in: one row.</summary>
    public PrefixRows? BestRows { get; private set; }

    /// <summary>Tokens chosen or sampled so far.</summary>
    public int Depth => (Beams?.Length ?? 0) - _startLength;

    public bool IsFinished => Beams is null;

    /// <summary>The lowest energy that is known.</summary>
    public double Bound => Math.Min(bound, Best?.Energy ?? double.PositiveInfinity);

    /// <summary>A response that has ended, read in a row of others.</summary>
    public void Offer(ScoredResponse response, PrefixRows rows, int row)
    {
        if (response.Energy < (Best?.Energy ?? double.PositiveInfinity))
        {
            BestRows?.Dispose();
            Best = response;
            BestRows = PrefixRows.Gather([(rows, row)], response.Tokens.Count);
        }
    }

    /// <summary>Goes on with other beams, taken over; null ends it.</summary>
    public void GoOn(PrefixRows? beams, ScoredResponse[] prefixes)
    {
        Beams?.Dispose();
        Chunk?.Dispose();
        Chunk = null;
        Beams = beams;
        Prefixes = prefixes;
    }

    /// <summary>Hands the best response's rows over.</summary>
    public PrefixRows? TakeBestRows()
    {
        PrefixRows? taken = BestRows;
        BestRows = null;
        return taken;
    }

    public void Dispose()
    {
        Beams?.Dispose();
        Chunk?.Dispose();
        BestRows?.Dispose();
    }
}
