using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Alignment;

/// <summary>One prompt in ids, for all models. Made by <see cref="PromptEncoder"/>.</summary>
/// <param name="Policy">Ids that the policy reads before the response; never empty.</param>
/// <param name="Rewards">What each reward reads around the response, in the order of <see cref="AlignmentModels.Rewards"/>.</param>
public sealed record EncodedPrompt(IReadOnlyList<int> Policy, IReadOnlyList<RewardPrompt> Rewards)
{
    /// <summary>Maximum number of tokens that a reward reads around the response.</summary>
    public int LongestReward => Rewards.Max(reward => reward.Prefix.Count + reward.Suffix.Count);

    /// <summary>How many tokens a response may have that all models are to read; less than 1 where there is no room for one.</summary>
    /// <param name="policyPositions">Maximum number of tokens that the policy reads.</param>
    /// <param name="rewardPositions">Maximum number of tokens that every reward reads.</param>
    /// <param name="most">Upper bound of the question.</param>
    public int Room(int policyPositions, int rewardPositions, int most) =>
        Math.Min(Math.Min(most, policyPositions - Policy.Count), Rewards.Min(reward => reward.Room(rewardPositions, most)));
}
