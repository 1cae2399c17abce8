using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>Figures of the candidate substitutions at each position, as plain numbers.</summary>
/// <param name="Tokens">New ids: [positions, kept].</param>
/// <param name="Promises">
/// The values that determine the order, which are only compared: a gain in nats, or a random number; -infinity if it is not a substitution:
/// [positions, kept].
/// </param>
/// <param name="LogProbabilityChanges">log pi_ref(new) - log pi_ref(old), in nats: [positions, kept].</param>
/// <param name="Gradients">The gradient's figures at each position; null if there is no gradient.</param>
/// <param name="KeptPerPosition">Number of candidates at each position.</param>
internal sealed record SubstitutionFigures(
    long[] Tokens, float[] Promises, float[] LogProbabilityChanges, GradientFigures? Gradients, int KeptPerPosition)
{
    /// <summary>Concatenates the figures of consecutive positions.</summary>
    public static SubstitutionFigures Joined(IReadOnlyList<SubstitutionFigures> parts) => new(
        [.. parts.SelectMany(part => part.Tokens)],
        [.. parts.SelectMany(part => part.Promises)],
        [.. parts.SelectMany(part => part.LogProbabilityChanges)],
        parts[0].Gradients is null ? null : GradientFigures.Joined([.. parts.Select(part => part.Gradients!)]),
        parts[0].KeptPerPosition);

    /// <summary>Ranks the substitutions of one row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="isMovable">Whether a position of the row may change.</param>
    /// <param name="order">The order.</param>
    /// <exception cref="NumericFailureException">The gradient is not finite.</exception>
    public RankedSubstitutions Ranked(int row, HardResponses rows, Func<int, bool> isMovable, ProposalOrder order)
    {
        int first = row * rows.Positions;
        int length = rows.TargetLengths[row];
        return Gradients?.Norm(first, length) is { } norm && !double.IsFinite(norm)
            ? throw new NumericFailureException($"The gradient of chain {row} is not finite: use float32 or a smaller reward weight.")
            : new RankedSubstitutions(
                order.InTurn(
                    [.. Enumerable.Range(0, length).Where(isMovable).SelectMany(position => At(first + position, position)).Distinct()]),
                Gradients?.Divergences.AsSpan(first, length).ToArray(),
                Gradients?.Norm(first, length));
    }

    private IEnumerable<(Substitution Substitution, float Promise)> At(int index, int position)
    {
        for (int at = index * KeptPerPosition; at < (index + 1) * KeptPerPosition; at++)
        {
            if (float.IsFinite(Promises[at]))
            {
                yield return (new Substitution(position, (int)Tokens[at], LogProbabilityChanges[at]), Promises[at]);
            }
        }
    }
}

/// <summary>The gradient's figures at positions, as plain numbers.</summary>
/// <param name="Divergences">KL of the energy's conditional from the reference policy's, in nats: [positions].</param>
/// <param name="SquaredNorms">Squared norm of dU/dY: [positions].</param>
internal sealed record GradientFigures(float[] Divergences, float[] SquaredNorms)
{
    /// <summary>Concatenates the figures of consecutive positions.</summary>
    public static GradientFigures Joined(IReadOnlyList<GradientFigures> parts) => new(
        [.. parts.SelectMany(part => part.Divergences)], [.. parts.SelectMany(part => part.SquaredNorms)]);

    /// <summary>Euclidean norm of dU/dY over some positions.</summary>
    public double Norm(int first, int length) =>
        Math.Sqrt(SquaredNorms.AsSpan(first, length).ToArray().Sum(value => (double)value));
}

/// <summary>One chain's substitutions, in the order in which they are tried.</summary>
/// <param name="Substitutions">The substitutions.</param>
/// <param name="KlPerToken">
/// KL of the energy's conditional at each active position, to first order, from the reference policy's, in nats; null if there is no
/// gradient.
/// </param>
/// <param name="GradientNorm">Euclidean norm of dU/dY, where Y are the logits of those conditionals; null if there is no gradient.</param>
internal sealed record RankedSubstitutions(IReadOnlyList<Substitution> Substitutions, float[]? KlPerToken, double? GradientNorm);
