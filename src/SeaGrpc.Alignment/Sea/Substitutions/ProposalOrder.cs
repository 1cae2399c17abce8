using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>Determines which substitutions are kept at a position, and in which order they are tried.</summary>
/// <param name="parameters">The order, and the parameters that define the promise of a substitution.</param>
/// <param name="generator">Source of a random order. Other orders do not use it.</param>
internal sealed class ProposalOrder(SeaParameters parameters, Generator generator)
{
    /// <summary>Number of substitutions kept at each position by each of two alternating orders.</summary>
    private const int KeptByEach = 16;

    /// <summary>Maximum number of substitutions at one position.</summary>
    public const int MostPerPosition = 2 * KeptByEach;

    /// <summary>Whether it uses the reward's gradient. Only then is there a backward pass.</summary>
    public bool ReadsGradient => parameters.ProposalOrder is SeaProposalOrder.Alternate or SeaProposalOrder.Gradient;

    private bool Alternates => parameters.ProposalOrder == SeaProposalOrder.Alternate;

    /// <summary>The promise of each token, which is only compared within and between positions: [count, vocabulary].</summary>
    /// <param name="reference">log pi_ref, in nats: [count, vocabulary].</param>
    /// <param name="reward">First-order gain in reward, in nats [count, vocabulary]; null if the gradient is not used.</param>
    public Tensor Promise(Tensor reference, Tensor? reward) => parameters.ProposalOrder switch
    {
        SeaProposalOrder.Random => rand(reference.shape, ScalarType.Float32, generator.device, generator: generator).to(reference.device),
        SeaProposalOrder.Policy => reference,
        _ => parameters.RewardWeight == 0 ? reference : reward!,
    };

    /// <summary>The tokens to keep at each position: [count, kept].</summary>
    /// <param name="promise">The promise of each token.</param>
    /// <param name="reference">log pi_ref.</param>
    /// <param name="refused">Whether a token must not be kept: [count, vocabulary].</param>
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
    /// The best substitution of every position first, then the second best of every position, and so on. Otherwise one position with many
    /// promising tokens would delay all others.
    /// </summary>
    /// <param name="substitutions">Distinct substitutions with their promise.</param>
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
