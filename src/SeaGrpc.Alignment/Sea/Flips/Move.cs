namespace SeaGrpc.Alignment.Sea.Flips;

/// <summary>One token put in another's place.</summary>
/// <param name="Position">Position in the response, from 0.</param>
/// <param name="Token">The new id.</param>
/// <param name="LogProbabilityChange">log pi_ref(new) - log pi_ref(old) at that position, in nats; what follows it is not in this.</param>
internal readonly record struct Flip(int Position, int Token, double LogProbabilityChange);

/// <summary>Flips of one chain, made together.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Flips">The flips, at different positions; at least one.</param>
internal sealed record Move(int Chain, IReadOnlyList<Flip> Flips)
{
    /// <summary>First position that changes.</summary>
    public int Start { get; } = Flips.Min(flip => flip.Position);
}

/// <summary>A move and the response that it leads to, scored exactly.</summary>
internal sealed record ScoredMove(Move Move, ScoredResponse Response);
