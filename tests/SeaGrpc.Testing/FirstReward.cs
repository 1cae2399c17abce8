using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;

namespace SeaGrpc.Testing;

/// <summary>The reward model of a pair.</summary>
public static class FirstReward
{
    extension(AlignmentModels models)
    {
        /// <summary>The model of the first reward.</summary>
        public RewardModel Reward => ((ModelReward)models.Rewards[0]).Model;
    }
}
