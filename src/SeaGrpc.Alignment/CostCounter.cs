namespace SeaGrpc.Alignment;

/// <summary>Counts what one run spends.</summary>
internal sealed class CostCounter
{
    private long forwardPasses;
    private long backwardPasses;
    private long policyTokens;
    private long rewardTokens;

    public AlignmentCost Cost => new(forwardPasses, backwardPasses, policyTokens, rewardTokens);

    public void PolicyForward(long tokens)
    {
        forwardPasses++;
        policyTokens += tokens;
    }

    public void RewardForward(long tokens)
    {
        forwardPasses++;
        rewardTokens += tokens;
    }

    public void Backward(int passes) => backwardPasses += passes;
}
