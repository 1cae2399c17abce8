namespace SeaGrpc.Modeling;

/// <summary>What is taken for 0 and 1 of a reward: reward = (raw - mean) / deviation. Several reward models become comparable so.</summary>
/// <param name="Mean">The raw score that is 0.</param>
/// <param name="Deviation">How many raw units one is; above 0.</param>
public sealed record RewardScale(double Mean, double Deviation)
{
    /// <summary>Raw scores as they are.</summary>
    public static RewardScale Raw { get; } = new(0, 1);
}
