namespace SeaGrpc.Alignment.Search;

/// <summary>
/// The search for a continuation of one prefix: its beams, the step under way, the responses that have ended, and the best of them. Owns
/// its rows.
/// </summary>
/// <param name="start">The prefix as a single row; taken over.</param>
/// <param name="bound">Energy that a continuation must beat, in nats.</param>
/// <param name="keepsRows">Whether to keep the row that the best response was read in.</param>
internal sealed class Continuation(PrefixRows start, double bound = double.PositiveInfinity, bool keepsRows = true) : IDisposable
{
    private readonly RunContext _context = start.Context;
    private readonly int _startLength = start.Length;
    private readonly List<(ScoredResponse Response, int Candidate)> _ended = [];

    /// <summary>The beams that continue; null if there are none.</summary>
    public PrefixRows? Beams { get; private set; } = start;

    /// <summary>The survivors of the last step, best first. Their beams are in this order.</summary>
    public IReadOnlyList<Survivor> Survivors { get; private set; } = [];

    /// <summary>Every response that ended in the last step, including rollouts, and the candidate that it came from.</summary>
    public IReadOnlyList<(ScoredResponse Response, int Candidate)> Ended => _ended;

    /// <summary>The first candidate of the first step.</summary>
    public ScoredResponse? First { get; private set; }

    /// <summary>The ended response of the lowest energy, among those that the fluency floor admits.</summary>
    public ScoredResponse? Best { get; private set; }

    /// <summary>The single row that it was read in; null if rows are not kept, or if it has other tokens.</summary>
    public PrefixRows? BestRows { get; private set; }

    /// <summary>The best candidates of the step so far.</summary>
    public StepSoFar Step { get; private set; } = new([]);

    /// <summary>Number of tokens chosen or sampled so far.</summary>
    public int Depth => (Beams?.Length ?? 0) - _startLength;

    public bool IsFinished => Beams is null;

    /// <summary>Number of completed steps.</summary>
    public int Steps { get; private set; }

    /// <summary>The lowest known energy.</summary>
    public double Bound => Math.Min(bound, Best?.Energy ?? double.PositiveInfinity);

    /// <summary>Records scored candidates, some of which may have ended.</summary>
    public void Note(Candidates candidates)
    {
        if (Step.Taken == 0)
        {
            _ended.Clear();
        }

        First ??= candidates.Responses[0];
        int[] whole = [.. Enumerable.Range(0, candidates.Count).Where(candidates.IsWhole)];
        _ended.AddRange(whole.Select(index => (candidates.Responses[index], Step.Taken + index)));
        if (Lowest(whole, index => candidates.Responses[index]) is { } best && IsBetter(candidates.Responses[best]))
        {
            using PrefixRows? row = keepsRows ? candidates.Copy([best]) : null;
            Offer(candidates.Responses[best], row, 0);
        }
    }

    /// <summary>Records the completions of a candidate.</summary>
    public void Note(IReadOnlyList<(ScoredResponse Response, int Candidate)> completions, PrefixRows rows)
    {
        _ended.AddRange(completions);
        if (Lowest(Enumerable.Range(0, completions.Count), row => completions[row].Response) is { } best)
        {
            Offer(completions[best].Response, rows, best);
        }
    }

    /// <summary>Records an ended response that was read in one of several rows.</summary>
    public void Offer(ScoredResponse response, PrefixRows? rows, int row)
    {
        if (!IsBetter(response))
        {
            return;
        }

        Best = response;
        BestRows?.Dispose();
        BestRows = keepsRows ? rows!.Beginning(row, response.Tokens) : null;
    }

    /// <summary>Continues with the survivors of the step. Ends the search if there are none.</summary>
    /// <param name="endsStay">Whether ended responses keep their places.</param>
    public void GoOn(bool endsStay)
    {
        Beams?.Dispose();
        Beams = Step.TakeRows();
        Survivors = Step.Survivors;
        Steps++;
        Step.Dispose();
        Step = new StepSoFar([.. Survivors.Where(survivor => endsStay && survivor.IsWhole)]);
    }

    /// <summary>Ends the search.</summary>
    public void End()
    {
        Beams?.Dispose();
        Beams = null;
    }

    /// <summary>Hands over the row of the best response.</summary>
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

    private bool IsBetter(ScoredResponse response) =>
        response.Energy < (Best?.Energy ?? double.PositiveInfinity) && _context.Floor.Admits(response);

    /// <summary>The lowest energy among the responses that may be the answer; null if none may.</summary>
    private int? Lowest(IEnumerable<int> indices, Func<int, ScoredResponse> response) => indices
        .Where(index => _context.Floor.Admits(response(index)))
        .Select(index => (int?)index)
        .MinBy(index => response(index!.Value).Energy);
}
