namespace SeaGrpc.Alignment.Search;

/// <summary>What <see cref="BeamPrefixScoring.Rollout"/> makes of a candidate's completions.</summary>
public enum RolloutRanking
{
    /// <summary>Their mean reward: what the policy makes of the candidate on average.</summary>
    Mean,

    /// <summary>Their highest reward.</summary>
    Max,
}
