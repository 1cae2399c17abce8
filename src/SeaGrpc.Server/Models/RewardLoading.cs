using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Models;

/// <summary>Loads the rewards that the operator configures.</summary>
internal static class RewardLoading
{
    /// <summary>Returns the rewards in the order of their names, and the mixture weight of each.</summary>
    /// <param name="options">The operator's model settings.</param>
    /// <param name="progress">Receives the progress.</param>
    public static (IReadOnlyList<IReward> Rewards, IReadOnlyList<double> Weights) Load(ModelOptions options, IProgress<LoadState> progress)
    {
        if (options.Rewards.Count == 0)
        {
            var place = new ModelLoadOptions(
                options.RewardDevice ?? options.Device, options.RewardDtype ?? options.Dtype, options.RewardName, progress);
            var scale = new RewardScale(options.RewardMean, options.RewardDeviation);
            return ([ModelReward.Load(() => RewardModel.Load(options.Reward, place, scale, Reading(options.RewardLabel)))], [1]);
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

    private static IReward Load(string name, RewardOptions reward, ModelLoadOptions place) =>
        reward.Basis is null
            ? ModelReward.Load(
                () => RewardModel.Load(reward.Folder, place, new RewardScale(reward.Mean, reward.Deviation), Reading(reward.Label)), name)
            : ImplicitReward.Load(name, () => PolicyModel.Load(reward.Folder, place), () => PolicyModel.Load(reward.Basis, place));

    private static LabelReading? Reading(string? label) => label is null ? null : LabelReading.Parse(label);
}
