using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>
/// Ranks substitutions. The policy determines which ones are plausible, and the reward's gradient which of them are most promising: to
/// first order, replacing y_t by v adds alpha g_t (E[v] - E[y_t]) to alpha r.
/// </summary>
/// <remarks>
/// The two are not added. If the reward model is certain about a response, its gradient is small, though in the right order, and log p(v) -
/// log p(y_t) of a less likely token would outweigh it (docs/experiments.md has the figures).
/// </remarks>
internal static class SubstitutionRanking
{
    /// <summary>Ranks the substitutions of chains.</summary>
    /// <param name="context">The run: models, prompt, cost, generator.</param>
    /// <param name="parameters">The reward's weight, the smoothing noise, and the minimum probability.</param>
    /// <param name="states">The chains.</param>
    /// <param name="chains">Indices of the chains to rank.</param>
    /// <param name="isMovable">Whether a position (chain, position) may change.</param>
    /// <param name="legal">0 for tokens that a response may contain, -infinity for others: [vocabulary].</param>
    /// <returns>One ranking for each of <paramref name="chains"/>.</returns>
    /// <exception cref="NumericFailureException">The gradient is not finite.</exception>
    public static IReadOnlyList<RankedSubstitutions> Of(
        RunContext context, SeaParameters parameters, ChainStates states, IReadOnlyList<int> chains, Func<int, int, bool> isMovable,
        Tensor legal)
    {
        using var scope = NewDisposeScope();
        HardResponses rows = states.Of(chains);
        var order = new ProposalOrder(parameters, context.Generator);
        // The policy's own backward pass would show how a change affects its later tokens. The exact energies show that anyway.
        using EnergyGradient? gradient = order.ReadsGradient
            ? EnergyGradient.At(
                context.Models, context.Prompt, rows, parameters with { Reference = SeaReference.None }, context.Generator, context.Cost)
            : null;
        using var noGrad = no_grad();
        var decoder = context.Models.Policy.Decoder;
        Tensor ids = ResponseScorer.Ids(rows.Tokens, rows.Rows, decoder).view(-1, 1);
        Tensor hidden = states.HiddenOf(chains).flatten(0, 1);
        List<SubstitutionFigures> figures = [];
        foreach ((long start, long count) in PositionChunks.Of(ids.shape[0], legal.shape[0]))
        {
            using var chunk = NewDisposeScope();
            Tensor present = ids.narrow(0, start, count);
            // [count, vocabulary]
            Tensor reference = nn.functional.log_softmax(context.Prompt.Loaded.Logits(hidden.narrow(0, start, count)), -1);
            Tensor? reward = gradient is null ? null : -gradient.OverVocabulary(start, count);
            Tensor promise = order.Promise(reference, reward);
            Tensor refused = Refused(reference, present, legal, parameters);
            Tensor which = order.Kept(promise, reference, refused);
            figures.Add(new SubstitutionFigures(
                which.cpu().data<long>().ToArray(),
                Floats(
                    (promise.gather(1, which) - promise.gather(1, present)).FilledWhere(refused.gather(1, which), float.NegativeInfinity)),
                Floats(reference.gather(1, which) - reference.gather(1, present)),
                reward is null ? null : Gradients(reference, reward, legal, parameters),
                (int)which.shape[1]));
        }

        SubstitutionFigures all = SubstitutionFigures.Joined(figures);
        return [.. chains.Select((chain, row) =>
        {
            ModelPasses.Pause(rows.Positions); // The substitutions of each chain are sorted separately.
            return all.Ranked(row, rows, position => isMovable(chain, position), order);
        })];
    }

    private static GradientFigures Gradients(Tensor reference, Tensor reward, Tensor legal, SeaParameters parameters)
    {
        Tensor posterior = reference.Plus(reward);
        // The conditional of exp(-U) at one position, to first order. It corresponds to softmax(Y) of the Langevin sampler.
        Tensor conditional = posterior.Plus(legal);
        return new GradientFigures(
            Floats(TokenDivergence.Of(nn.functional.log_softmax(conditional, -1), reference)),
            Floats(StraightThrough.Backward(conditional, -posterior, parameters.Temperature).Squared().sum(-1)));
    }

    /// <summary>Tokens that are not allowed at a position, or already there: [count, vocabulary].</summary>
    private static Tensor Refused(Tensor reference, Tensor present, Tensor legal, SeaParameters parameters)
    {
        Tensor own = zeros_like(reference, ScalarType.Bool).scatter(1, present, ones_like(present, ScalarType.Bool));
        Tensor refused = own | legal.isneginf();
        return parameters.Reference == SeaReference.None ? refused : refused | reference.IsBelow(Math.Log(parameters.MinProbability));
    }

    private static float[] Floats(Tensor tensor) => tensor.to(ScalarType.Float32).cpu().data<float>().ToArray();
}
