namespace SeaGrpc.Alignment;

/// <summary>Counts what one run spends.</summary>
internal sealed class CostCounter
{
    private long forwardPasses;
    private long backwardPasses;
    private long policyBackward;
    private long rewardTokens;

    public AlignmentCost Cost => new(forwardPasses, backwardPasses, PolicyForwardTokens + policyBackward, rewardTokens);

    /// <summary>Token positions through the policy forward, without those of backward passes.</summary>
    public long PolicyForwardTokens { get; private set; }

    public void PolicyForward(long tokens)
    {
        forwardPasses++;
        PolicyForwardTokens += tokens;
    }

    public void RewardForward(long tokens)
    {
        forwardPasses++;
        rewardTokens += tokens;
    }

    public void PolicyBackward(long tokens)
    {
        backwardPasses++;
        policyBackward += tokens;
    }

    public void RewardBackward(long tokens)
    {
        backwardPasses++;
        rewardTokens += tokens;
    }
}
