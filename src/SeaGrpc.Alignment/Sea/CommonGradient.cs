using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// The gradient at hard tokens of models that have layers in common: one forward and one backward pass through these layers for all.
/// Owns its tensors.
/// </summary>
/// <remarks>
/// Rewards read each answer's tokens and their suffix. The policy's predictions up to an answer's end depend on no others, so it continues
/// from the same states. What is asked for is the gradient of a weighted sum, so the models' gradients at these states are summed before
/// the backward pass, and one product with the embeddings they have in common follows.
/// </remarks>
internal sealed class CommonGradient : IDisposable
{
    private readonly Tensor _gradient;
    private readonly Tensor _embeddings;

    private CommonGradient(LogProbabilityGradient? policy, IReadOnlyDictionary<int, float[]> rewards, Tensor gradient, Tensor embeddings)
    {
        Policy = policy;
        Rewards = rewards;
        _gradient = gradient;
        _embeddings = embeddings;
    }

    /// <summary>The policy's predictions, without its part through inputs; null if it is not among the models.</summary>
    public LogProbabilityGradient? Policy { get; }

    /// <summary>The scores [rows] of the rewards among the models, by their index in the prompt's.</summary>
    public IReadOnlyDictionary<int, float[]> Rewards { get; }

    /// <summary>Computes the gradient at hard tokens.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="rows">The hard tokens.</param>
    /// <param name="parameters">The terms and alpha.</param>
    /// <param name="cost">Counts the passes.</param>
    /// <returns>Null if no two models read the same ids through common layers.</returns>
    public static CommonGradient? At(PromptState prompt, HardResponses rows, SeaParameters parameters, CostCounter cost)
    {
        if (parameters.EmbeddingNoise != 0 || parameters.RewardWeight == 0 || prompt.Loaded.Shared is not { } reading)
        {
            return null;
        }

        (ModelRewardState State, double Weight, int Index)[] sharing =
        [
            .. prompt.Rewards.Index()
                .Where(reward => reward.Item.State is ModelRewardState own && own.Shared == reading)
                .Select(reward => ((ModelRewardState)reward.Item.State, reward.Item.Weight * parameters.RewardWeight, reward.Index)),
        ];
        sharing = [.. sharing.Where(reward => reward.State.Prompt.Suffix.SequenceEqual(sharing[0].State.Prompt.Suffix))];
        bool withPolicy = parameters.Reference != SeaReference.None && rows.Positions > 1;
        if (sharing.Length + (withPolicy ? 1 : 0) < 2)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        PolicyReading policy = prompt.Loaded;
        RewardInputs read = sharing[0].State.Inputs(rows);
        Tensor ids = ResponseScorer.Ids(read.Ids, rows.Rows, policy.Decoder);
        using RecordedPass below = reading.Record(ids, policy.Cache, sharing.Length + (withPolicy ? 1 : 0));
        Tensor atStates = zeros_like(below.Hidden);
        LogProbabilityGradient? part = null;
        try
        {
            if (withPolicy)
            {
                bool toInputs = parameters.Reference == SeaReference.Full;
                (part, Tensor? own) = LogProbabilityGradient.Above(
                    policy, rows, below.Hidden, toInputs, cost.PolicyForward, cost.PolicyBackward);
                if (own is not null)
                {
                    atStates.narrow(1, 0, own.shape[1]).AddInPlace(own);
                }
            }

            Dictionary<int, float[]> scores = [];
            foreach ((ModelRewardState state, double weight, int index) in sharing)
            {
                (scores[index], Tensor own) = state.GradientAbove(state.Inputs(rows), below.Hidden);
                atStates.AddInPlace(own, weight);
            }

            Tensor gradient = sharing[0].State.AtTokens(rows, read, below.Backward(atStates));
            return new CommonGradient(part, scores, gradient.DetachFromDisposeScope(), policy.Decoder.EmbeddingWeight);
        }
        catch
        {
            part?.Dispose();
            throw;
        }
    }

    /// <summary>factor E g of a range of positions [count, vocabulary], fp32.</summary>
    public Tensor ThroughInputs(long start, long count, double factor) =>
        MatrixProducts.Linear(_gradient.narrow(0, start, count).Times(factor), _embeddings).to(ScalarType.Float32);

    /// <summary>Disposes its tensors, except those of <see cref="Policy"/>.</summary>
    public void Dispose() => _gradient.Dispose();
}
