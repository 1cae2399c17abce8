namespace SeaGrpc.Alignment;

/// <summary>Counts what one run spends.</summary>
internal sealed class CostCounter
{
    private long _forwardPasses;
    private long _backwardPasses;
    private long _policyBackward;
    private long _rewardTokens;

    public AlignmentCost Cost => new(_forwardPasses, _backwardPasses, PolicyForwardTokens + _policyBackward, _rewardTokens);

    /// <summary>Token positions through the policy forward, without those of backward passes.</summary>
    public long PolicyForwardTokens { get; private set; }

    public void PolicyForward(long tokens)
    {
        _forwardPasses++;
        PolicyForwardTokens += tokens;
    }

    public void RewardForward(long tokens)
    {
        _forwardPasses++;
        _rewardTokens += tokens;
    }

    public void PolicyBackward(long tokens)
    {
        _backwardPasses++;
        _policyBackward += tokens;
    }

    public void RewardBackward(long tokens)
    {
        _backwardPasses++;
        _rewardTokens += tokens;
    }
}
