namespace SeaGrpc.Alignment.Sea;

/// <summary>Which response is the answer.</summary>
public enum SeaSelection
{
    /// <summary>The lowest energy (ours).</summary>
    Energy,

    /// <summary>The highest reward (the paper).</summary>
    Reward,
}
