using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Flips;

/// <summary>
/// What the energy's gradient says of every single flip of every chain: to first order, putting v in y_t's place changes the
/// energy by dU/dy_t[v] - dU/dy_t[y_t]. The most promising flips are kept as plain numbers.
/// </summary>
internal static class FlipRanking
{
    /// <summary>Flips kept at each position: what a chain that does not move can go through, iteration after iteration.</summary>
    private const int KeptPerPosition = 16;

    /// <summary>Ranks the flips of chains.</summary>
    /// <param name="context">The run: models, prompt, cost, generator.</param>
    /// <param name="parameters">The energy's parameters.</param>
    /// <param name="rows">The chains' responses.</param>
    /// <param name="isMovable">Whether a position (row, position) may change.</param>
    /// <param name="legal">0 where a token may stand, -infinity elsewhere: [vocabulary].</param>
    /// <returns>One ranking per row.</returns>
    /// <exception cref="NumericFailureException">The gradient is not finite.</exception>
    public static IReadOnlyList<RankedFlips> Of(
        RunContext context, SeaParameters parameters, HardResponses rows, Func<int, int, bool> isMovable, Tensor legal)
    {
        using var scope = NewDisposeScope();
        using EnergyGradient gradient = EnergyGradient.At(context.Models, context.Prompt, rows, parameters, context.Generator, context.Cost);
        using var noGrad = no_grad();
        Tensor ids = ResponseScorer.Ids(rows.Tokens, rows.Rows, context.Models.Policy.Decoder).view(-1, 1);
        int kept = (int)Math.Min(KeptPerPosition, legal.shape[0] - 1);
        List<Tensor> changes = [];
        List<Tensor> tokens = [];
        List<Tensor> divergences = [];
        List<Tensor> squares = [];
        foreach ((long start, long count) in PositionChunks.Of(ids.shape[0], legal.shape[0]))
        {
            using var chunk = NewDisposeScope();
            // [count, vocabulary]
            Tensor relaxed = gradient.OverVocabulary(start, count);
            Tensor own = ids.narrow(0, start, count);
            Tensor change = (relaxed - relaxed.gather(1, own) - legal).scatter(1, own, TensorFilling.FilledLike(own, float.PositiveInfinity));
            (Tensor least, Tensor which) = change.topk(kept, -1, largest: false);
            changes.Add(least.MoveToOuterDisposeScope());
            tokens.Add(which.MoveToOuterDisposeScope());
            // The conditional of exp(-U) at one position, to first order: what softmax(Y) is to the Langevin sampler.
            Tensor conditional = nn.functional.log_softmax(legal - relaxed, -1);
            divergences.Add(gradient.DivergenceFromReference(conditional, start).MoveToOuterDisposeScope());
            squares.Add(StraightThrough.Backward(legal - relaxed, relaxed, parameters.Temperature).Squared().sum(-1).MoveToOuterDisposeScope());
        }

        return Collect(rows, kept, isMovable, cat(changes), cat(tokens), cat(divergences), cat(squares));
    }

    private static RankedFlips[] Collect(
        HardResponses rows, int kept, Func<int, int, bool> isMovable, Tensor changes, Tensor tokens, Tensor divergences, Tensor squares)
    {
        float[] change = changes.cpu().data<float>().ToArray();
        long[] token = tokens.cpu().data<long>().ToArray();
        float[] divergence = divergences.cpu().data<float>().ToArray();
        float[] square = squares.cpu().data<float>().ToArray();
        return [.. Enumerable.Range(0, rows.Rows).Select(row =>
        {
            List<(float Change, Flip Flip)> flips = [];
            for (int position = 0; position < rows.TargetLengths[row]; position++)
            {
                int first = (row * rows.Positions + position) * kept;
                for (int index = first; isMovable(row, position) && index < first + kept && float.IsFinite(change[index]); index++)
                {
                    flips.Add((change[index], new Flip(position, (int)token[index])));
                }
            }

            int active = row * rows.Positions;
            double norm = Math.Sqrt(square.AsSpan(active, rows.TargetLengths[row]).ToArray().Sum(value => (double)value));
            return double.IsFinite(norm)
                ? new RankedFlips(
                    [.. flips.OrderBy(flip => flip.Change).Select(flip => flip.Flip)],
                    divergence.AsSpan(active, rows.TargetLengths[row]).ToArray(),
                    norm)
                : throw new NumericFailureException($"The gradient of chain {row} is not finite: use float32 or a smaller reward weight.");
        })];
    }
}

/// <summary>One chain's flips, the most promising first.</summary>
/// <param name="Flips">The flips.</param>
/// <param name="KlPerToken">KL of the energy's conditional at each active position, to first order, from the reference policy's, in nats.</param>
/// <param name="GradientNorm">Euclidean norm of dU/dY, Y being the logits of those conditionals.</param>
internal sealed record RankedFlips(IReadOnlyList<Flip> Flips, float[] KlPerToken, double GradientNorm);
