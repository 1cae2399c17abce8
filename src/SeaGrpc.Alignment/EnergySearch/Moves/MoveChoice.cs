namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Selects the next move: the one that lowers the energy most per model token, until no move lowers it any more.</summary>
/// <param name="moves">
/// The moves, in the order in which they are first tried, and whether each is promising. Promising moves are tried before any move is
/// repeated. The others are tried only if the promising ones have brought nothing at all or can do nothing more.
/// </param>
/// <param name="plateau">Number of consecutive failures after which a move is dropped; 0 for never.</param>
/// <param name="repair">A move that comes before all others as long as it lowers the energy, or null.</param>
/// <param name="last">
/// Moves that are made when the others have reached their plateau, the first that can be made; or null. If one lowers the energy, the
/// others' failures are forgotten.
/// </param>
/// <param name="substitute">The move that takes the place of all others but a repair, and whether it does; or null.</param>
/// <param name="startOver">The move that is made when no other is left, or null; not taken over.</param>
internal sealed class MoveChoice(
    IReadOnlyList<(IMove Move, Func<bool> IsPromising)> moves,
    int plateau,
    IMove? repair = null,
    IReadOnlyList<(IMove Move, Func<bool> IsPromising)>? last = null,
    (IMove Move, Func<bool> IsPromising)? substitute = null,
    (IMove Move, Func<bool> IsPromising)? startOver = null)
    : IDisposable
{
    private readonly (IMove Move, Func<bool> IsPromising, MoveRecord Record)[] _moves =
        [.. moves.Select(one => (one.Move, one.IsPromising, new MoveRecord()))];

    private readonly (IMove Move, Func<bool> IsPromising, MoveRecord Record)[] _last =
        [.. (last ?? []).Select(one => (one.Move, one.IsPromising, new MoveRecord()))];

    private readonly (IMove Move, Func<bool> IsPromising, MoveRecord Record)? _substitute = Recorded(substitute);
    private readonly (IMove Move, Func<bool> IsPromising, MoveRecord Record)? _startOver = Recorded(startOver);
    private (IMove Move, Func<bool> IsPromising, MoveRecord Record)? _chosen;
    private bool _hasLowered;

    /// <summary>Whether the last choice skipped a move because the budget is too small for it.</summary>
    public bool IsOutOfBudget { get; private set; }

    /// <summary>The move that was chosen last; null if none is left.</summary>
    public IMove? Current => _chosen?.Move;

    /// <summary>Chooses the next move.</summary>
    /// <param name="room">Model tokens that the move may read.</param>
    public void Choose(long room)
    {
        IsOutOfBudget = false;
        _chosen = Next(room);
    }

    /// <summary>Records the result of the chosen move, and ends the move.</summary>
    /// <param name="lowered">By how much it reduced the lowest energy, in nats; 0 if it did not.</param>
    /// <param name="tokens">Model tokens that it read.</param>
    public void End(double lowered, long tokens)
    {
        _chosen!.Value.Record.Note(lowered, tokens);
        _hasLowered |= lowered > 0;
        if (lowered > 0 && _last.Any(one => ReferenceEquals(one.Record, _chosen!.Value.Record)))
        {
            Array.ForEach(_moves, one => one.Record.Renew());
        }

        _chosen = null;
    }

    public void Dispose()
    {
        Array.ForEach(_moves, one => one.Move.Dispose());
        Array.ForEach(_last, one => one.Move.Dispose());
        _substitute?.Move.Dispose();
    }

    private (IMove Move, Func<bool> IsPromising, MoveRecord Record)? Next(long room)
    {
        // Estimating a move has a cost, so moves after the chosen one are not estimated.
        int first = Array.FindIndex(_moves, one =>
            (!one.Record.IsTried || (one.Record.Failures == 0 && ReferenceEquals(one.Move, repair)))
            && one.IsPromising()
            && CanBegin(one, room));
        if (first >= 0)
        {
            return _moves[first];
        }

        if (_substitute is { } only && only.IsPromising())
        {
            return !HasFailed(only) && CanBegin(only, room) ? only : null;
        }

        // What is not promising is left out where the others have lowered the energy: the plateau is theirs.
        bool isLeftOut = plateau > 0 && _hasLowered;
        (IMove, Func<bool>, MoveRecord)? next = _moves
            .Where(one => !HasFailed(one) && (one.Record.IsTried || !isLeftOut) && CanBegin(one, room))
            .OrderByDescending(one => one.Record.Gain)
            .ThenBy(one => one.Record.Failures)
            .Select(one => ((IMove, Func<bool>, MoveRecord)?)one)
            .FirstOrDefault();
        return next ?? _last.Select(one => If(one, room)).FirstOrDefault(one => one is not null) ?? If(_startOver, room);
    }

    private static (IMove Move, Func<bool> IsPromising, MoveRecord Record)? Recorded((IMove Move, Func<bool> IsPromising)? one) =>
        one is { } own ? (own.Move, own.IsPromising, new MoveRecord()) : null;

    private (IMove Move, Func<bool> IsPromising, MoveRecord Record)? If(
        (IMove Move, Func<bool> IsPromising, MoveRecord Record)? one, long room) =>
        one is { } own && own.IsPromising() && CanBegin(own, room) ? own : null;

    private bool HasFailed((IMove Move, Func<bool> IsPromising, MoveRecord Record) one) => plateau > 0 && one.Record.Failures >= plateau;

    private bool CanBegin((IMove Move, Func<bool> IsPromising, MoveRecord Record) one, long room)
    {
        bool isPrepared = one.Move.Preparation <= room;
        if (isPrepared && !one.Move.CanBegin)
        {
            return false;
        }

        bool fits = isPrepared && (one.Move.Expected ?? one.Record.TokensOfIteration) <= room;
        IsOutOfBudget |= !fits;
        return fits;
    }
}
