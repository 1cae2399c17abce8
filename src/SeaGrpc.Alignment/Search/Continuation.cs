namespace SeaGrpc.Alignment.Search;

/// <summary>
/// One prefix's continuation while it is searched for: the beams that go on, the step that is under way, the responses that have ended, and
/// the best of these. Owns its rows.
/// </summary>
/// <param name="start">The prefix, one row; taken over.</param>
/// <param name="bound">Energy of the response that a continuation must beat, in nats.</param>
/// <param name="keepsRows">Whether what the best response was read in is kept.</param>
internal sealed class Continuation(PrefixRows start, double bound = double.PositiveInfinity, bool keepsRows = true) : IDisposable
{
    private readonly int _startLength = start.Length;
    private readonly List<(ScoredResponse Response, int Candidate)> _ended = [];

    /// <summary>The beams that go on; null where none does.</summary>
    public PrefixRows? Beams { get; private set; } = start;

    /// <summary>What survived the last step, the best first; its beams stand in this order.</summary>
    public IReadOnlyList<Survivor> Survivors { get; private set; } = [];

    /// <summary>Every response that ended in the last step, rollouts included, and the candidate that it came from.</summary>
    public IReadOnlyList<(ScoredResponse Response, int Candidate)> Ended => _ended;

    /// <summary>The very first candidate.</summary>
    public ScoredResponse? First { get; private set; }

    /// <summary>The response of the lowest energy that has ended.</summary>
    public ScoredResponse? Best { get; private set; }

    /// <summary>What it was read in: one row.</summary>
    public PrefixRows? BestRows { get; private set; }

    /// <summary>The step's best so far.</summary>
    public StepSoFar Step { get; private set; } = new([]);

    /// <summary>Tokens chosen or sampled so far.</summary>
    public int Depth => (Beams?.Length ?? 0) - _startLength;

    public bool IsFinished => Beams is null;

    /// <summary>Steps that are done.</summary>
    public int Steps { get; private set; }

    /// <summary>The lowest energy that is known.</summary>
    public double Bound => Math.Min(bound, Best?.Energy ?? double.PositiveInfinity);

    /// <summary>Notes candidates that are scored: responses that have ended among them.</summary>
    public void Note(Candidates candidates)
    {
        if (Step.Taken == 0)
        {
            _ended.Clear();
        }

        First ??= candidates.Responses[0];
        int[] whole = [.. Enumerable.Range(0, candidates.Count).Where(candidates.IsWhole)];
        _ended.AddRange(whole.Select(index => (candidates.Responses[index], Step.Taken + index)));
        int best = whole.Length == 0 ? -1 : whole.MinBy(index => candidates.Responses[index].Energy);
        if (best >= 0 && IsBetter(candidates.Responses[best]))
        {
            using PrefixRows? row = keepsRows ? candidates.Copy([best]) : null;
            Offer(candidates.Responses[best], row, 0);
        }
    }

    /// <summary>Notes the completions of a candidate.</summary>
    public void Note(IReadOnlyList<(ScoredResponse Response, int Candidate)> completions, PrefixRows rows)
    {
        _ended.AddRange(completions);
        int best = Enumerable.Range(0, completions.Count).MinBy(row => completions[row].Response.Energy);
        Offer(completions[best].Response, rows, best);
    }

    /// <summary>A response that has ended, read in a row of others.</summary>
    public void Offer(ScoredResponse response, PrefixRows? rows, int row)
    {
        if (!IsBetter(response))
        {
            return;
        }

        Best = response;
        BestRows?.Dispose();
        BestRows = keepsRows ? PrefixRows.Gather([(rows!, row)], response.Tokens.Count) : null;
    }

    /// <summary>Goes on with what has survived the step; ends where nothing is left to go on.</summary>
    /// <param name="endsStay">Whether what has ended keeps its place.</param>
    public void GoOn(bool endsStay)
    {
        Beams?.Dispose();
        Beams = Step.TakeRows();
        Survivors = Step.Survivors;
        Steps++;
        Step.Dispose();
        Step = new StepSoFar([.. Survivors.Where(survivor => endsStay && survivor.IsWhole)]);
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        Beams?.Dispose();
        Beams = null;
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
        BestRows?.Dispose();
        Step.Dispose();
    }

    private bool IsBetter(ScoredResponse response) => response.Energy < (Best?.Energy ?? double.PositiveInfinity);
}
