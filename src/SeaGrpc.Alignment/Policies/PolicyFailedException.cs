namespace SeaGrpc.Alignment.Policies;

/// <summary>A policy outside the process did not answer, or its answer is not what it was asked for.</summary>
public sealed class PolicyFailedException : OutsideFailedException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="address">Where it runs.</param>
    /// <param name="problem">What went wrong, as a sentence's end: "did not answer within 10 s".</param>
    /// <param name="isMalformed">Whether it answered, but not as it must.</param>
    /// <param name="cause">The failure behind it, or null.</param>
    public PolicyFailedException(string address, string problem, bool isMalformed = false, Exception? cause = null)
        : base($"The policy's engine at {address} {problem}", isMalformed, cause)
    {
    }
}
