using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>
/// A reward outside the server whose replies are checked, and which is left alone after its requests have failed repeatedly
/// (<see cref="Circuit{TFailure}"/>) until it scores a sample.
/// </summary>
internal sealed class GuardedEndpoint : IRewardEndpoint
{
    private readonly IRewardEndpoint _endpoint;
    private readonly Action<GuardedEndpoint>? _onEnd;
    private readonly Circuit<RewardFailedException> _circuit;

    /// <summary>Takes ownership of an endpoint.</summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="breakDuration">How long it is left alone.</param>
    /// <param name="onChange">Called with true when it is left alone from now on, and with false when it answers again.</param>
    /// <param name="onEnd">Called when it is disposed.</param>
    public GuardedEndpoint(
        string name, IRewardEndpoint endpoint, TimeSpan breakDuration, Action<GuardedEndpoint, bool> onChange,
        Action<GuardedEndpoint>? onEnd = null)
    {
        _onEnd = onEnd;
        Name = name;
        _endpoint = endpoint;
        _circuit = new Circuit<RewardFailedException>(
            breakDuration,
            problem => new RewardFailedException(name, endpoint.Address, problem),
            TryAsync,
            isLeftAlone => onChange(this, isLeftAlone));
    }

    /// <summary>The reward's name.</summary>
    public string Name { get; }

    public string Address => _endpoint.Address;

    /// <summary>What is wrong while it is left alone; null if it is asked as usual.</summary>
    public string? Trouble => _circuit.Trouble;

    public Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken) =>
        _circuit.AskAsync(token => CheckedAsync(prompts, token), cancellationToken);

    /// <summary>Scores the sample, whether the endpoint is left alone or not.</summary>
    /// <exception cref="RewardFailedException">It does not answer, or not as it must.</exception>
    public Task<IReadOnlyList<double>> TryAsync(CancellationToken cancellationToken) =>
        CheckedAsync(RewardSample.Prompts, cancellationToken);

    public void Dispose()
    {
        _onEnd?.Invoke(this);
        _circuit.Dispose();
        _endpoint.Dispose();
    }

    private async Task<IReadOnlyList<double>> CheckedAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
    {
        IReadOnlyList<double> rewards = await _endpoint.ScoreAsync(prompts, cancellationToken).ConfigureAwait(false);
        int responses = prompts.Sum(prompt => prompt.Responses.Count);
        if (rewards.Count != responses)
        {
            throw Malformed($"answered with {rewards.Count} numbers for {responses} responses.");
        }

        int broken = Enumerable.Range(0, rewards.Count).FirstOrDefault(row => !float.IsFinite((float)rewards[row]), -1);
        return broken < 0 ? rewards : throw Malformed($"answered {rewards[broken]} for response {broken}, which is no finite number.");
    }

    private RewardFailedException Malformed(string problem) => new(Name, Address, problem, isMalformed: true);
}
