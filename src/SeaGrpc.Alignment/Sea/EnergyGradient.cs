using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// The gradient of the energy at hard tokens, in the parts that the vocabulary-wide gradient consists of. By the straight-through estimator
/// all models read argmax tokens. The gradient with respect to a relaxed one-hot y_t is <c>dU/dy_t = -(log p_t + E_pi g_pi,t + alpha
/// dr/dy_t)</c>, where p_t is the policy's prediction, E the embedding matrix and g the gradient at the input embeddings. Owns its tensors.
/// </summary>
internal sealed class EnergyGradient : IDisposable
{
    private readonly AlignmentModels _models;
    private readonly LogProbabilityGradient? _policy;
    private readonly CommonGradient? _common;
    private readonly IRewardGradient?[] _rewards;

    private EnergyGradient(
        AlignmentModels models, Tensor active, LogProbabilityGradient? policy, CommonGradient? common, IRewardGradient?[] rewards)
    {
        _models = models;
        Active = active;
        _policy = policy;
        _common = common;
        _rewards = rewards;
    }

    /// <summary>1 at active positions, 0 at those after the end: [rows * positions, 1], fp32.</summary>
    public Tensor Active { get; }

    /// <summary>log p of the tokens and of all others at their positions; null if there is no such term.</summary>
    public (IReadOnlyList<float> Own, Tensor All)? LogProbabilities =>
        _policy is null ? null : (_policy.LogProbabilities, _policy.Predictions);

    /// <summary>Each reward where the gradient was taken [rows], in the order of the prompt's.</summary>
    public IReadOnlyList<IReadOnlyList<float>> Rewards =>
        [.. _rewards.Select((reward, index) => reward?.Rewards ?? _common!.Rewards[index])];

    /// <summary>
    /// Computes the gradient at hard tokens: one forward and one backward pass of each model, to its inputs only. Without smoothing noise,
    /// models go through the layers that they have in common together.
    /// </summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="rows">The hard tokens.</param>
    /// <param name="parameters">The terms, alpha, and the smoothing noise.</param>
    /// <param name="generator">Source of the smoothing noise.</param>
    /// <param name="cost">Counts the passes.</param>
    public static EnergyGradient At(
        AlignmentModels models, PromptState prompt, HardResponses rows, SeaParameters parameters, Generator generator, CostCounter cost)
    {
        using var scope = NewDisposeScope();
        Tensor active = tensor(rows.ActiveMask(), device: models.Policy.Decoder.Device).view(-1, 1);
        var smoothing = new EmbeddingSmoothing(parameters.EmbeddingNoise, generator);
        CommonGradient? common = CommonGradient.At(prompt, rows, parameters, cost);
        LogProbabilityGradient? policy = common?.Policy;
        List<IRewardGradient?> rewards = [];
        try
        {
            if (policy is null && parameters.Reference != SeaReference.None)
            {
                policy = LogProbabilityGradient.Of(
                    prompt.Loaded, rows, parameters.Reference == SeaReference.Full, smoothing, cost.PolicyForward, cost.PolicyBackward);
            }

            foreach ((IRewardState state, double weight) in parameters.RewardWeight == 0 ? [] : prompt.Rewards)
            {
                rewards.Add(common?.Rewards.ContainsKey(rewards.Count) == true
                    ? null
                    : state.Gradient(rows, weight * parameters.RewardWeight, smoothing));
            }

            return new EnergyGradient(models, active.DetachFromDisposeScope(), policy, common, [.. rewards]);
        }
        catch
        {
            policy?.Dispose();
            common?.Dispose();
            rewards.ForEach(reward => reward?.Dispose());
            throw;
        }
    }

    /// <summary>dU/dy of a range of positions.</summary>
    /// <param name="start">First of the positions, counted over all rows.</param>
    /// <param name="count">Number of positions.</param>
    /// <returns>[count, vocabulary], fp32; a tensor of the caller's scope.</returns>
    public Tensor OverVocabulary(long start, long count)
    {
        // Each pass over the vocabulary is costly, so signs are applied to the small factors and products are added as they are computed.
        Tensor sum = _common?.ThroughInputs(start, count, Energy.Sign)
            ?? _policy?.ThroughInputs(start, count, Energy.Sign)
            ?? zeros([count, _models.Policy.Decoder.Config.VocabularySize], ScalarType.Float32, _models.Policy.Decoder.Device);
        foreach (IRewardGradient? reward in _rewards)
        {
            reward?.AddTo(sum, start, Energy.Sign);
        }

        return _policy is null
            ? sum
            : sum.AddProductInPlace(_policy.Predictions.narrow(0, start, count), Active.narrow(0, start, count), Energy.Sign);
    }

    public void Dispose()
    {
        Active.Dispose();
        _policy?.Dispose();
        _common?.Dispose();
        Array.ForEach(_rewards, reward => reward?.Dispose());
    }
}
