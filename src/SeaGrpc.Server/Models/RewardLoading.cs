using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.RemoteRewards;

namespace SeaGrpc.Server.Models;

/// <summary>Loads the rewards that the operator configures, or opens those that run elsewhere.</summary>
/// <param name="outside">Opens them.</param>
internal sealed class RewardLoading(OutsideRewards outside)
{
    /// <summary>Returns the rewards in the order of their names, and the mixture weight of each.</summary>
    /// <param name="options">The operator's model settings.</param>
    /// <param name="policy">The policy, which is loaded already.</param>
    /// <param name="progress">Receives the progress.</param>
    public (IReadOnlyList<IReward> Rewards, IReadOnlyList<double> Weights) Load(
        ModelOptions options, PolicyModel policy, IProgress<LoadState> progress)
    {
        if (options.Rewards.Count == 0)
        {
            var place = new ModelLoadOptions(
                options.RewardDevice ?? options.Device, options.RewardDtype ?? options.Dtype, options.RewardName, progress);
            var scale = new RewardScale(options.RewardMean, options.RewardDeviation);
            return (
                [
                    ModelRewards.Load(
                        () => RewardModel.Load(options.Reward, place, scale, Reading(options.RewardLabel), policy), policy),
                ],
                [1]);
        }

        List<IReward> rewards = [];
        List<double> mixtureWeights = [];
        try
        {
            foreach ((string name, RewardOptions reward) in options.Rewards.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                rewards.Add(
                    reward.Endpoint is null
                        ? Load(
                            name, reward.Folder!, reward, policy,
                            new ModelLoadOptions(reward.Device ?? options.Device, reward.Dtype ?? options.Dtype, Progress: progress))
                        : outside.Open(
                            name, reward, policy, options.IsStart ? reward.StartTimeout : TimeSpan.Zero, counts: !options.IsOnDemand));
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

    private static IReward Load(string name, string folder, RewardOptions reward, PolicyModel policy, ModelLoadOptions place) =>
        reward.Basis is null
            ? ModelRewards.Load(
                () => RewardModel.Load(folder, place, new RewardScale(reward.Mean, reward.Deviation), Reading(reward.Label), policy),
                policy,
                name)
            : ImplicitReward.Load(name, () => PolicyModel.Load(folder, place), () => PolicyModel.Load(reward.Basis, place));

    private static LabelReading? Reading(string? label) => label is null ? null : LabelReading.Parse(label);
}
