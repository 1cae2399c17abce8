using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>Figures of the candidate substitutions at each position, as plain numbers.</summary>
/// <param name="Tokens">New ids: [positions, kept].</param>
/// <param name="Promises">Each candidate's predicted gain to first order, in nats; -infinity where it is not a substitution: [positions,
/// kept].</param>
/// <param name="LogProbabilityChanges">log pi_ref(new) - log pi_ref(old), in nats: [positions, kept].</param>
/// <param name="Divergences">KL of the energy's conditional from the reference policy's, in nats: [positions].</param>
/// <param name="SquaredNorms">Squared norm of dU/dY: [positions].</param>
internal sealed record SubstitutionFigures(
    long[] Tokens, float[] Promises, float[] LogProbabilityChanges, float[] Divergences, float[] SquaredNorms)
{
    /// <summary>Those of consecutive positions.</summary>
    public static SubstitutionFigures Joined(IReadOnlyList<SubstitutionFigures> parts) => new(
        [.. parts.SelectMany(part => part.Tokens)],
        [.. parts.SelectMany(part => part.Promises)],
        [.. parts.SelectMany(part => part.LogProbabilityChanges)],
        [.. parts.SelectMany(part => part.Divergences)],
        [.. parts.SelectMany(part => part.SquaredNorms)]);

    /// <summary>One row's ranking.</summary>
    /// <param name="row">The row.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="isMovable">Whether one of its positions may change.</param>
    /// <exception cref="NumericFailureException">The gradient is not finite.</exception>
    public RankedSubstitutions Ranked(int row, HardResponses rows, Func<int, bool> isMovable)
    {
        int first = row * rows.Positions;
        int length = rows.TargetLengths[row];
        double norm = Math.Sqrt(SquaredNorms.AsSpan(first, length).ToArray().Sum(value => (double)value));
        return double.IsFinite(norm)
            ? new RankedSubstitutions(
                InTurn([.. Enumerable.Range(0, length).Where(isMovable).SelectMany(position => At(first + position, position)).Distinct()]),
                Divergences.AsSpan(first, length).ToArray(),
                norm)
            : throw new NumericFailureException($"The gradient of chain {row} is not finite: use float32 or a smaller reward weight.");
    }

    /// <summary>
    /// Every position's best substitution first, then every position's second, and so on: one position with many promising words
    /// would hold up all others. At a position, by turns what promises most and what the policy likes best.
    /// </summary>
    private static Substitution[] InTurn(IReadOnlyList<(Substitution Substitution, float Promise)> substitutions) =>
        [.. substitutions.GroupBy(substitution => substitution.Substitution.Position)
            .SelectMany(position => position.OrderByDescending(substitution => substitution.Promise)
                .Zip(position.OrderByDescending(substitution => substitution.Substitution.LogProbabilityChange))
                .SelectMany(pair => new[] { pair.First, pair.Second })
                .Distinct()
                .Select((substitution, round) => (Round: round, substitution.Promise, substitution.Substitution)))
            .OrderBy(substitution => substitution.Round)
            .ThenByDescending(substitution => substitution.Promise)
            .Select(substitution => substitution.Substitution)];

    private IEnumerable<(Substitution Substitution, float Promise)> At(int index, int position)
    {
        int kept = Tokens.Length / Divergences.Length;
        for (int at = index * kept; at < (index + 1) * kept; at++)
        {
            if (float.IsFinite(Promises[at]))
            {
                yield return (new Substitution(position, (int)Tokens[at], LogProbabilityChanges[at]), Promises[at]);
            }
        }
    }
}

/// <summary>One chain's substitutions, in decreasing order of promise.</summary>
/// <param name="Substitutions">The substitutions.</param>
/// <param name="KlPerToken">KL of the energy's conditional at each active position, to first order, from the reference policy's, in
/// nats.</param>
/// <param name="GradientNorm">Euclidean norm of dU/dY, Y being the logits of those conditionals.</param>
internal sealed record RankedSubstitutions(IReadOnlyList<Substitution> Substitutions, float[] KlPerToken, double GradientNorm);
