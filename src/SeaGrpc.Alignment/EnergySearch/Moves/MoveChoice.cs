namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Which move comes next: the one that lowers the energy most per model token, until none does any more.</summary>
/// <param name="moves">The moves, in the order in which they are tried first; with each, whether it is promising: then it is tried before
/// any is made again, and otherwise only where the others have brought nothing at all or can do nothing more.</param>
/// <param name="plateau">Failures in a row after which a move is not made again; 0 is never.</param>
internal sealed class MoveChoice(IReadOnlyList<(IMove Move, Func<bool> IsPromising)> moves, int plateau) : IDisposable
{
    private readonly (IMove Move, Func<bool> IsPromising, MoveRecord Record)[] _moves =
        [.. moves.Select(one => (one.Move, one.IsPromising, new MoveRecord()))];

    private (IMove Move, Func<bool> IsPromising, MoveRecord Record)? _chosen;
    private bool _hasLowered;

    /// <summary>The move that was chosen last; null where none is left.</summary>
    public IMove? Current => _chosen?.Move;

    /// <summary>Chooses the next move.</summary>
    public void Choose() => _chosen = Next();

    /// <summary>Notes what the chosen move has brought, and ends it.</summary>
    /// <param name="lowered">What it lowered the lowest energy by, in nats; 0 where it did not.</param>
    /// <param name="tokens">Model tokens that it read.</param>
    public void End(double lowered, long tokens)
    {
        _chosen!.Value.Record.Note(lowered, tokens);
        _hasLowered |= lowered > 0;
        _chosen = null;
    }

    public void Dispose()
    {
        foreach ((IMove move, _, _) in _moves)
        {
            move.Dispose();
        }
    }

    private (IMove Move, Func<bool> IsPromising, MoveRecord Record)? Next()
    {
        (IMove Move, Func<bool> IsPromising, MoveRecord Record)[] open =
            [.. _moves.Where(one => (plateau == 0 || one.Record.Failures < plateau) && one.Move.CanBegin)];
        int first = Array.FindIndex(open, one => !one.Record.IsTried && one.IsPromising());
        if (first >= 0)
        {
            return open[first];
        }

        // What is not promising is left out where the others have lowered the energy: the plateau is theirs.
        bool isLeftOut = plateau > 0 && _hasLowered;
        return open.Where(one => one.Record.IsTried || !isLeftOut)
            .OrderByDescending(one => one.Record.Gain)
            .ThenBy(one => one.Record.Failures)
            .Select(one => ((IMove, Func<bool>, MoveRecord)?)one)
            .FirstOrDefault();
    }
}
