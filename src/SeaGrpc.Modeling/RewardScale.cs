namespace SeaGrpc.Modeling;

/// <summary>Zero and unit of a reward: reward = (raw - mean) / deviation. It makes several reward models comparable.</summary>
/// <param name="Mean">The raw score that counts as 0.</param>
/// <param name="Deviation">The number of raw units that count as 1; above 0.</param>
public sealed record RewardScale(double Mean, double Deviation)
{
    /// <summary>Raw scores without scaling.</summary>
    public static RewardScale Raw { get; } = new(0, 1);
}
