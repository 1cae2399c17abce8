using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>A token at one position, replaced by another.</summary>
/// <param name="Position">Position in the response, from 0.</param>
/// <param name="Token">The new id.</param>
/// <param name="LogProbabilityChange">
/// log pi_ref(new) - log pi_ref(old) at that position, in nats, without the effect on later positions.
/// </param>
internal readonly record struct Substitution(int Position, int Token, double LogProbabilityChange);

/// <summary>Substitutions of one chain, made together.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Substitutions">The substitutions, at distinct positions; at least one.</param>
internal sealed record Move(int Chain, IReadOnlyList<Substitution> Substitutions) : IChange
{
    /// <summary>First position that changes.</summary>
    public int Start { get; } = Substitutions.Min(substitution => substitution.Position);

    /// <inheritdoc/>
    public double LogProbabilityChange => Substitutions.Sum(substitution => substitution.LogProbabilityChange);

    /// <inheritdoc/>
    public long[] Applied(HardResponses rows)
    {
        long[] tokens = rows.Tokens.AsSpan(Chain * rows.Positions, rows.Positions).ToArray();
        foreach (Substitution substitution in Substitutions)
        {
            tokens[substitution.Position] = substitution.Token;
        }

        return tokens;
    }
}

/// <summary>A move and the response that it leads to, scored exactly.</summary>
internal sealed record ScoredMove(Move Move, ScoredResponse Response);
