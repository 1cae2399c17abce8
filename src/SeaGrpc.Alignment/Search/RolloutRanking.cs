namespace SeaGrpc.Alignment.Search;

/// <summary>How <see cref="BeamPrefixScoring.Rollout"/> combines the completions of a candidate.</summary>
public enum RolloutRanking
{
    /// <summary>By their mean reward: what the policy makes of the candidate on average.</summary>
    Mean,

    /// <summary>By their highest reward.</summary>
    Max,
}
