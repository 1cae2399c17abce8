namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward outside the process did not answer, or its answer is no reward: not one finite number for every response.</summary>
public sealed class RewardFailedException : OutsideFailedException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reward">The reward's name.</param>
    /// <param name="address">Where it runs.</param>
    /// <param name="problem">What went wrong, as a sentence's end: "did not answer within 10 s".</param>
    /// <param name="isMalformed">Whether it answered, but not as it must.</param>
    /// <param name="cause">The failure behind it, or null.</param>
    public RewardFailedException(string reward, string address, string problem, bool isMalformed = false, Exception? cause = null)
        : base($"The reward {reward} at {address} {problem}", isMalformed, cause)
    {
    }
}
