namespace SeaGrpc.Modeling;

/// <summary>
/// How much higher a reward must be for what follows from it; each at least 0, in units of the reward, and no larger than the next. A score
/// that was learnt from preferences prefers what it gives d more with probability 1 / (1 + e^-d).
/// </summary>
/// <param name="Counts">To count as better at all.</param>
/// <param name="OverBeatenDraft">To replace a caller's draft to which the score prefers a response that nobody chose for its score.</param>
/// <param name="OverDraft">To replace another draft of a caller.</param>
public sealed record RewardGains(double Counts, double OverBeatenDraft, double OverDraft)
{
    /// <summary>Of a score whose scale is not known: any gain will do.</summary>
    public static RewardGains Any { get; } = new(0, 0, 0);

    /// <summary>Of a score that was learnt from preferences: those of 88, 99 and 99.9 %.</summary>
    public static RewardGains OfPreferences { get; } = new(2, 4.6, 6.9);

    /// <summary>The same after the score was divided by something; above 0.</summary>
    internal RewardGains Per(double deviation) => new(Counts / deviation, OverBeatenDraft / deviation, OverDraft / deviation);
}
