using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Alignment;

/// <summary>Counts what one run spends: the passes that its method needs, but not those only for reports.</summary>
/// <param name="countsRewards">Whether the method uses rewards for anything other than reports.</param>
internal sealed class CostCounter(bool countsRewards = true)
{
    private long _forwardPasses;
    private long _backwardPasses;
    private long _policyBackward;
    private long _rewardForward;
    private long _rewardBackward;
    private long _reused;
    private int _pauses;

    public AlignmentCost Cost => new(
        _forwardPasses, _backwardPasses, PolicyForwardTokens + _policyBackward, _rewardForward + _rewardBackward)
    {
        ReusedTokens = _reused,
        PolicyBackwardTokens = _policyBackward,
        RewardBackwardTokens = _rewardBackward,
        Engine = Engine,
    };

    /// <summary>Token positions of the policy's forward passes, without backward passes.</summary>
    public long PolicyForwardTokens { get; private set; }

    /// <summary>What an engine says that it has done for the run.</summary>
    public PolicyTokens Engine { get; private set; }

    /// <summary>Counts what an engine has done. The positions that the method needed are counted as forward passes besides.</summary>
    public void EngineAnswer(PolicyTokens tokens) => Engine += tokens;

    public void PolicyForward(long tokens)
    {
        if (_pauses == 0)
        {
            _forwardPasses++;
            PolicyForwardTokens += tokens;
        }
    }

    public void RewardForward(long tokens)
    {
        if (_pauses == 0 && countsRewards)
        {
            _forwardPasses++;
            _rewardForward += tokens;
        }
    }

    public void PolicyBackward(long tokens)
    {
        if (_pauses == 0)
        {
            _backwardPasses++;
            _policyBackward += tokens;
        }
    }

    public void RewardBackward(long tokens)
    {
        if (_pauses == 0 && countsRewards)
        {
            _backwardPasses++;
            _rewardBackward += tokens;
        }
    }

    /// <summary>Takes back positions, counted by <see cref="PolicyForward"/>, that this run has read before.</summary>
    public void PolicyKnown(long tokens) => PolicyForwardTokens -= _pauses == 0 ? tokens : 0;

    /// <summary>The same for rewards.</summary>
    public void RewardKnown(long tokens) => _rewardForward -= _pauses == 0 && countsRewards ? tokens : 0;

    /// <summary>Notes positions, counted by <see cref="PolicyForward"/>, that the policy need not read, because it has.</summary>
    public void PolicyReused(long tokens) => _reused += _pauses == 0 ? tokens : 0;

    /// <summary>The same for rewards.</summary>
    public void RewardReused(long tokens) => _reused += _pauses == 0 && countsRewards ? tokens : 0;

    /// <summary>Pauses counting until the result is disposed, for work that only reports need.</summary>
    public IDisposable Pause()
    {
        _pauses++;
        return new Paused(this);
    }

    private sealed class Paused(CostCounter counter) : IDisposable
    {
        public void Dispose() => counter._pauses--;
    }
}
