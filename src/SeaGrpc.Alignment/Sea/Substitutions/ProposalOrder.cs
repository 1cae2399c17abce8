using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>Which substitutions come first: which are kept at a position, and in which order they are tried.</summary>
/// <param name="parameters">The order, and what else says what a substitution promises.</param>
/// <param name="generator">Source of a random order; not read by the others.</param>
internal sealed class ProposalOrder(SeaParameters parameters, Generator generator)
{
    /// <summary>Substitutions kept at each position by either of two orders that alternate.</summary>
    private const int KeptByEach = 16;

    /// <summary>Most substitutions at one position.</summary>
    public const int MostPerPosition = 2 * KeptByEach;

    /// <summary>Whether it reads the reward's gradient; a backward pass is made for it alone.</summary>
    public bool ReadsGradient => parameters.ProposalOrder is SeaProposalOrder.Alternate or SeaProposalOrder.Gradient;

    private bool Alternates => parameters.ProposalOrder == SeaProposalOrder.Alternate;

    /// <summary>What each token promises, only compared within and among positions: [count, vocabulary].</summary>
    /// <param name="reference">log pi_ref, in nats: [count, vocabulary].</param>
    /// <param name="reward">The reward's gain to first order, in nats, likewise; null where the gradient is not read.</param>
    public Tensor Promise(Tensor reference, Tensor? reward) => parameters.ProposalOrder switch
    {
        SeaProposalOrder.Random => rand(reference.shape, ScalarType.Float32, generator.device, generator: generator).to(reference.device),
        SeaProposalOrder.Policy => reference,
        _ => parameters.RewardWeight == 0 ? reference : reward!,
    };

    /// <summary>The tokens to keep at each position: [count, kept].</summary>
    /// <param name="promise">What each promises.</param>
    /// <param name="reference">log pi_ref.</param>
    /// <param name="refused">Whether a token may not be kept: [count, vocabulary].</param>
    public Tensor Kept(Tensor promise, Tensor reference, Tensor refused)
    {
        long others = refused.shape[1] - 1;
        return Alternates
            ? cat(
                [
                    Best(promise, refused, Math.Min(KeptByEach, others)),
                    Best(parameters.Reference == SeaReference.None ? promise : reference, refused, Math.Min(KeptByEach, others)),
                ],
                -1)
            : Best(promise, refused, Math.Min(MostPerPosition, others));
    }

    /// <summary>
    /// Every position's best substitution first, then every position's second, and so on: one position with many promising words
    /// would hold up all others.
    /// </summary>
    /// <param name="substitutions">Different substitutions, with what they promise.</param>
    public Substitution[] InTurn(IReadOnlyList<(Substitution Substitution, float Promise)> substitutions) =>
        [.. substitutions.GroupBy(substitution => substitution.Substitution.Position)
            .SelectMany(position => AtPosition(position)
                .Select((substitution, round) => (Round: round, substitution.Promise, substitution.Substitution)))
            .OrderBy(substitution => substitution.Round)
            .ThenByDescending(substitution => substitution.Promise)
            .Select(substitution => substitution.Substitution)];

    private IEnumerable<(Substitution Substitution, float Promise)> AtPosition(
        IEnumerable<(Substitution Substitution, float Promise)> position)
    {
        var promising = position.OrderByDescending(substitution => substitution.Promise);
        return Alternates
            ? promising.Zip(position.OrderByDescending(substitution => substitution.Substitution.LogProbabilityChange))
                .SelectMany(pair => new[] { pair.First, pair.Second })
                .Distinct()
            : promising;
    }

    private static Tensor Best(Tensor values, Tensor refused, long count) =>
        values.FilledWhere(refused, float.NegativeInfinity).topk((int)count, -1).indexes;
}
