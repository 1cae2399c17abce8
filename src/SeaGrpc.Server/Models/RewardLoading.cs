using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Models;

/// <summary>Loads the rewards that the operator names.</summary>
internal static class RewardLoading
{
    /// <summary>The rewards, in the order of their names, and each one's mixture weight.</summary>
    /// <param name="options">What the operator names.</param>
    /// <param name="progress">Told how far it is.</param>
    public static (IReadOnlyList<IReward> Rewards, IReadOnlyList<double> Weights) Load(ModelOptions options, IProgress<LoadState> progress)
    {
        if (options.Rewards.Count == 0)
        {
            RewardModel only = RewardModel.Load(
                options.Reward,
                new ModelLoadOptions(
                    options.RewardDevice ?? options.Device, options.RewardDtype ?? options.Dtype, options.RewardName, progress),
                new RewardScale(options.RewardMean, options.RewardDeviation));
            return ([new ModelReward(only.Description.Name, only)], [1]);
        }

        List<IReward> rewards = [];
        List<double> mixtureWeights = [];
        try
        {
            foreach ((string name, RewardOptions reward) in options.Rewards.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                rewards.Add(
                    Load(
                        name, reward,
                        new ModelLoadOptions(reward.Device ?? options.Device, reward.Dtype ?? options.Dtype, Progress: progress)));
                mixtureWeights.Add(reward.Share);
            }
        }
        catch
        {
            rewards.ForEach(reward => reward.Dispose());
            throw;
        }

        return (rewards, mixtureWeights);
    }

    private static IReward Load(string name, RewardOptions reward, ModelLoadOptions place)
    {
        if (reward.Basis is null)
        {
            return new ModelReward(name, RewardModel.Load(reward.Folder, place, new RewardScale(reward.Mean, reward.Deviation)));
        }

        PolicyModel tuned = PolicyModel.Load(reward.Folder, place);
        try
        {
            return new ImplicitReward(name, tuned, PolicyModel.Load(reward.Basis, place));
        }
        catch
        {
            tuned.Dispose();
            throw;
        }
    }
}
