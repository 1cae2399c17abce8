using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment;

/// <summary>
/// A prompt as read by the policy and all rewards of one run. Owns these readings, from which every row of every iteration continues.
/// </summary>
internal sealed class PromptState : IDisposable
{
    private PromptState(EncodedPrompt prompt, IPolicyState policy, IReadOnlyList<(IRewardState State, double Weight)> rewards)
    {
        Prompt = prompt;
        Policy = policy;
        Rewards = rewards;
    }

    public EncodedPrompt Prompt { get; }

    /// <summary>The policy after the whole prompt, wherever it runs.</summary>
    public IPolicyState Policy { get; }

    /// <summary>The loaded model of the policy after the whole prompt, for what only that tells.</summary>
    /// <exception cref="InvalidOperationException">The policy runs elsewhere, and keeps its reading there.</exception>
    public PolicyReading Loaded => Policy.Loaded;

    /// <summary>The rewards that count, with their mixture weights.</summary>
    public IReadOnlyList<(IRewardState State, double Weight)> Rewards { get; }

    /// <summary>Reads a prompt.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="cost">Counts the passes.</param>
    /// <param name="mixtureWeights">
    /// The mixture weight of each reward, in the models' order. A reward with weight 0 reads nothing. Null for 1 each.
    /// </param>
    /// <param name="referenceTemperature">Temperature of pi_ref.</param>
    public static PromptState Prefill(
        AlignmentModels models, EncodedPrompt prompt, CostCounter cost, IReadOnlyList<double>? mixtureWeights = null,
        double referenceTemperature = 1)
    {
        List<(IRewardState, double)> rewards = [];
        var state = new PromptState(prompt, models.Reference.Prefill(prompt, cost, referenceTemperature), rewards);
        try
        {
            for (int index = 0; index < models.Rewards.Count; index++)
            {
                double weight = mixtureWeights?[index] ?? 1;
                if (weight != 0)
                {
                    rewards.Add((models.Rewards[index].Prefill(prompt.Rewards[index], models.IsEos, cost), weight));
                    state.Share(models, prompt.Rewards[index]);
                }
            }

            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>The sum of the rewards, weighted by their mixture weights.</summary>
    /// <param name="rows">Number of answers.</param>
    /// <param name="read">Returns one reward's scores of them.</param>
    /// <param name="parts">The parts of the rewards, in the order of <see cref="Rewards"/>.</param>
    public float[] Sum<T>(int rows, IReadOnlyList<T> parts, Func<T, float[]> read)
    {
        var sum = new float[rows];
        float[][] scores = ReadAll(index => read(parts[index]));
        foreach ((int index, float[] own) in scores.Index())
        {
            for (int row = 0; row < rows; row++)
            {
                sum[row] += (float)(Rewards[index].Weight * own[row]);
            }
        }

        return sum;
    }

    /// <summary>Reads every reward. Those outside the process come last, because they answer while the others compute.</summary>
    /// <param name="read">Reads the reward at an index of <see cref="Rewards"/>.</param>
    /// <returns>What each read, in the order of <see cref="Rewards"/>.</returns>
    public T[] ReadAll<T>(Func<int, T> read)
    {
        var results = new T[Rewards.Count];
        foreach (int index in Enumerable.Range(0, Rewards.Count).OrderBy(index => Rewards[index].State.IsOutside))
        {
            results[index] = read(index);
        }

        return results;
    }

    /// <summary>Keeps what is read of responses from now on, so that none of it is read again soon.</summary>
    public void KeepReading()
    {
        Policy.KeepReading();
        foreach ((IRewardState state, _) in Rewards)
        {
            state.KeepReading();
        }
    }

    /// <summary>Tells the rewards which whole answers are scored next. Those outside the process begin to answer.</summary>
    /// <param name="rows">Returns the answers.</param>
    public void Announce(Func<HardResponses> rows)
    {
        foreach ((IRewardState state, _) in Rewards)
        {
            state.Announce(rows);
        }
    }

    // A reward model with the policy's lowest layers that reads the same prompt.
    private void Share(AlignmentModels models, RewardPrompt prompt)
    {
        if (Rewards[^1].State is ModelRewardState reward && models.SharesLayers(reward.Decoder) && prompt.Rewriting is null
            && prompt.Prefix.SequenceEqual(Prompt.Policy))
        {
            reward.Share(Loaded.Share());
        }
    }

    public void Dispose()
    {
        Policy.Dispose();
        foreach ((IRewardState state, _) in Rewards)
        {
            state.Dispose();
        }
    }
}
