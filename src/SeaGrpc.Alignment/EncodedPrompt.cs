using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Alignment;

/// <summary>One prompt as ids for all models. Created by <see cref="PromptEncoder"/>.</summary>
/// <param name="Policy">Ids that the policy reads before the response. Never empty.</param>
/// <param name="Rewards">What each reward reads around the response, in the order of <see cref="AlignmentModels.Rewards"/>.</param>
public sealed record EncodedPrompt(IReadOnlyList<int> Policy, IReadOnlyList<RewardPrompt> Rewards)
{
    /// <summary>Maximum number of tokens that a reward reads around the response.</summary>
    public int LongestReward => Rewards.Max(reward => reward.Prefix.Count + reward.Suffix.Count);

    /// <summary>Maximum number of response tokens that all models can read; less than 1 if there is no room.</summary>
    /// <param name="policyPositions">Maximum number of tokens that the policy reads.</param>
    /// <param name="rewardPositions">Maximum number of tokens that every reward reads.</param>
    /// <param name="most">Upper bound of the result.</param>
    public int Room(int policyPositions, int rewardPositions, int most) =>
        Math.Min(Math.Min(most, policyPositions - Policy.Count), Rewards.Min(reward => reward.Room(rewardPositions, most)));

    /// <summary>Maximum number of response tokens if every reward reads each as one id; less than 1 if there is no room.</summary>
    /// <param name="policyPositions">Maximum number of tokens that the policy reads.</param>
    /// <param name="rewardPositions">Maximum number of tokens that every reward reads.</param>
    public int LongestAnswer(int policyPositions, int rewardPositions) =>
        Math.Min(policyPositions - Policy.Count, Rewards.Min(reward => reward.LongestAnswer(rewardPositions)));
}
