using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Alignment.Search;

/// <summary>
/// The step under way in a continuation. Its candidates are sampled in batches, and the best of the batches so far are kept. Owns the rows
/// of both.
/// </summary>
/// <param name="ended">Responses that ended in earlier steps and keep their places.</param>
internal sealed class StepSoFar(IReadOnlyList<Survivor> ended) : IDisposable
{
    private PrefixRows? _rows;

    /// <summary>The best candidates so far, best first.</summary>
    public IReadOnlyList<Survivor> Survivors { get; private set; } = ended;

    /// <summary>Number of candidates that have been ranked.</summary>
    public int Taken { get; private set; }

    /// <summary>What the policy says of the token after every beam; null until it has told that ahead. Taken over.</summary>
    public BeamOutlook? Next { get; set; }

    /// <summary>Rows with the part of a chunk sampled so far; null between batches. Taken over.</summary>
    public PrefixRows? Chunk { get; set; }

    /// <summary>Candidates as survivors, numbered after those that have been ranked.</summary>
    public IEnumerable<Survivor> Fresh(Candidates candidates, Func<int, double> rank) => Enumerable.Range(0, candidates.Count).Select(
        index => new Survivor(candidates.Responses[index], candidates.IsWhole(index), Taken + index, rank(index), -1));

    /// <summary>Keeps some of the previous survivors and of a batch, with the rows they need.</summary>
    /// <param name="kept">The survivors, best first.</param>
    /// <param name="candidates">The batch.</param>
    public void Keep(IReadOnlyList<Survivor> kept, Candidates candidates)
    {
        bool IsFresh(Survivor survivor) => survivor.Row < 0 && survivor.Candidate >= Taken;
        Survivor[] going = [.. kept.Where(survivor => !survivor.IsWhole)];
        int[] chosen = [.. going.Where(IsFresh).Select(survivor => survivor.Candidate - Taken)];
        PrefixRows? fresh = chosen.Length == 0 ? null : candidates.Take(chosen);
        PrefixRows? rows = fresh;
        if (chosen.Length < going.Length)
        {
            int next = 0;
            rows = PrefixRows.Gather([.. going.Select(survivor => IsFresh(survivor) ? (fresh!, next++) : (_rows!, survivor.Row))]);
            fresh?.Dispose();
        }

        _rows?.Dispose();
        _rows = rows;
        int row = 0;
        Survivors = [.. kept.Select(survivor => survivor.IsWhole ? survivor : survivor with { Row = row++ })];
        Taken += candidates.Count;
    }

    /// <summary>Hands over the rows of the survivors; null if none continues.</summary>
    public PrefixRows? TakeRows()
    {
        PrefixRows? taken = _rows;
        _rows = null;
        return taken;
    }

    public void Dispose()
    {
        _rows?.Dispose();
        Chunk?.Dispose();
        Next?.Dispose();
    }
}
