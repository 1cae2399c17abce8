namespace SeaGrpc.Alignment;

/// <summary>Counts what one run spends: the passes that its method needs, not those that only reports need.</summary>
/// <param name="countsRewards">Whether the method reads rewards for anything but reports.</param>
internal sealed class CostCounter(bool countsRewards = true)
{
    private long forwardPasses;
    private long backwardPasses;
    private long policyBackward;
    private long rewardTokens;
    private int pauses;

    public AlignmentCost Cost => new(forwardPasses, backwardPasses, PolicyForwardTokens + policyBackward, rewardTokens);

    /// <summary>Token positions through the policy forward, without those of backward passes.</summary>
    public long PolicyForwardTokens { get; private set; }

    public void PolicyForward(long tokens)
    {
        if (pauses == 0)
        {
            forwardPasses++;
            PolicyForwardTokens += tokens;
        }
    }

    public void RewardForward(long tokens)
    {
        if (pauses == 0 && countsRewards)
        {
            forwardPasses++;
            rewardTokens += tokens;
        }
    }

    public void PolicyBackward(long tokens)
    {
        if (pauses == 0)
        {
            backwardPasses++;
            policyBackward += tokens;
        }
    }

    public void RewardBackward(long tokens)
    {
        if (pauses == 0 && countsRewards)
        {
            backwardPasses++;
            rewardTokens += tokens;
        }
    }

    /// <summary>Counts nothing until the result is disposed: for what only reports need.</summary>
    public IDisposable Pause()
    {
        pauses++;
        return new Paused(this);
    }

    private sealed class Paused(CostCounter counter) : IDisposable
    {
        public void Dispose() => counter.pauses--;
    }
}
