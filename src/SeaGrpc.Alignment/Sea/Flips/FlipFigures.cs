using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea.Flips;

/// <summary>What is known of the flips at positions, as plain numbers, position by position.</summary>
/// <param name="Tokens">New ids: [positions, kept].</param>
/// <param name="Promises">What each promises, in nats, to first order; -infinity where it is no flip: [positions, kept].</param>
/// <param name="LogProbabilityChanges">log pi_ref(new) - log pi_ref(old), in nats: [positions, kept].</param>
/// <param name="Divergences">KL of the energy's conditional from the reference policy's, in nats: [positions].</param>
/// <param name="SquaredNorms">Squared norm of dU/dY: [positions].</param>
internal sealed record FlipFigures(long[] Tokens, float[] Promises, float[] LogProbabilityChanges, float[] Divergences, float[] SquaredNorms)
{
    /// <summary>Those of consecutive positions.</summary>
    public static FlipFigures Joined(IReadOnlyList<FlipFigures> parts) => new(
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
    public RankedFlips Ranked(int row, HardResponses rows, Func<int, bool> isMovable)
    {
        int first = row * rows.Positions;
        int length = rows.TargetLengths[row];
        double norm = Math.Sqrt(SquaredNorms.AsSpan(first, length).ToArray().Sum(value => (double)value));
        return double.IsFinite(norm)
            ? new RankedFlips(
                InTurn([.. Enumerable.Range(0, length).Where(isMovable).SelectMany(position => At(first + position, position)).Distinct()]),
                Divergences.AsSpan(first, length).ToArray(),
                norm)
            : throw new NumericFailureException($"The gradient of chain {row} is not finite: use float32 or a smaller reward weight.");
    }

    /// <summary>
    /// Every position's best flip first, then every position's second, and so on: one position with many promising words
    /// would hold up all others. At a position, by turns what promises most and what the policy likes best.
    /// </summary>
    private static Flip[] InTurn(IReadOnlyList<(Flip Flip, float Promise)> flips) =>
        [.. flips.GroupBy(flip => flip.Flip.Position)
            .SelectMany(position => position.OrderByDescending(flip => flip.Promise)
                .Zip(position.OrderByDescending(flip => flip.Flip.LogProbabilityChange))
                .SelectMany(pair => new[] { pair.First, pair.Second })
                .Distinct()
                .Select((flip, round) => (Round: round, flip.Promise, flip.Flip)))
            .OrderBy(flip => flip.Round)
            .ThenByDescending(flip => flip.Promise)
            .Select(flip => flip.Flip)];

    private IEnumerable<(Flip Flip, float Promise)> At(int index, int position)
    {
        int kept = Tokens.Length / Divergences.Length;
        for (int at = index * kept; at < (index + 1) * kept; at++)
        {
            if (float.IsFinite(Promises[at]))
            {
                yield return (new Flip(position, (int)Tokens[at], LogProbabilityChanges[at]), Promises[at]);
            }
        }
    }
}

/// <summary>One chain's flips, the most promising first.</summary>
/// <param name="Flips">The flips.</param>
/// <param name="KlPerToken">KL of the energy's conditional at each active position, to first order, from the reference policy's, in nats.</param>
/// <param name="GradientNorm">Euclidean norm of dU/dY, Y being the logits of those conditionals.</param>
internal sealed record RankedFlips(IReadOnlyList<Flip> Flips, float[] KlPerToken, double GradientNorm);
