using SeaGrpc.Alignment;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

/// <summary>Answers made by hand.</summary>
internal static class Answers
{
    public static AnswerRecord Make(
        string method, int prompt, ulong seed, int met, double reward = 0, int tokens = 10, params double[] bestReward) => new()
        {
            Key = $"{method} {prompt} {seed}",
            Commit = "abc",
            Method = method,
            PromptIndex = prompt,
            Seed = seed,
            Text = $"word{prompt} a b c d",
            Assessment = new Assessment(met, 4, Grammatical: true, OnTopic: met > 0),
            Reward = reward,
            LogProbability = -6,
            Surprisal = [1, 2, 3],
            Cost = new AlignmentCost(3, 2, tokens, tokens),
            Seconds = 0.5,
            BestReward = bestReward,
            BestEnergy = bestReward,
            MeanReward = bestReward,
            MeanEnergy = bestReward,
        };
}
