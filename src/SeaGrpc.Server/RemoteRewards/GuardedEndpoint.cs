using Polly;
using Polly.CircuitBreaker;
using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>
/// A reward outside the server whose replies are checked, and which is left alone for a while after its requests have failed repeatedly: at
/// least four in half a minute, and at least half of them. A refused request does not count. Meanwhile scoring fails at once, and a sample
/// is tried again and again until it succeeds.
/// </summary>
internal sealed class GuardedEndpoint : IRewardEndpoint
{
    private const double FailureRatio = 0.5;
    private const int LeastRequests = 4;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly IRewardEndpoint _endpoint;
    private readonly TimeSpan _break;
    private readonly Action<GuardedEndpoint, bool> _onChange;
    private readonly ResiliencePipeline<IReadOnlyList<double>> _circuit;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CancellationTokenSource _closing = new();
    private volatile string _lastFailure = string.Empty;
    private int _isTrying;

    /// <summary>Takes ownership of an endpoint.</summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="breakDuration">How long it is left alone.</param>
    /// <param name="onChange">Called with true when it is left alone from now on, and with false when it answers again.</param>
    public GuardedEndpoint(string name, IRewardEndpoint endpoint, TimeSpan breakDuration, Action<GuardedEndpoint, bool> onChange)
    {
        _name = name;
        _endpoint = endpoint;
        _break = breakDuration;
        _onChange = onChange;
        _circuit = new ResiliencePipelineBuilder<IReadOnlyList<double>>()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<IReadOnlyList<double>>
            {
                FailureRatio = FailureRatio,
                MinimumThroughput = LeastRequests,
                SamplingDuration = Window,
                BreakDuration = breakDuration,
                StateProvider = _state,
                ShouldHandle = new PredicateBuilder<IReadOnlyList<double>>().Handle<RewardFailedException>(failure => !failure.IsRefusal),
                OnOpened = _ => Change(true),
                OnClosed = _ => Change(false),
            })
            .Build();
    }

    /// <summary>The reward's name.</summary>
    public string Name => _name;

    public string Address => _endpoint.Address;

    /// <summary>What is wrong while it is left alone; null if it is asked as usual.</summary>
    public string? Trouble => _state.CircuitState == CircuitState.Closed ? null : _lastFailure;

    public async Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
    {
        try
        {
            return await _circuit.ExecuteAsync(
                async stop => await CheckedAsync(prompts, stop).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException)
        {
            throw new RewardFailedException(_name, Address, $"is not asked at the moment, because it failed repeatedly: {_lastFailure}");
        }
    }

    /// <summary>Scores the sample, whether the endpoint is left alone or not.</summary>
    /// <exception cref="RewardFailedException">It does not answer, or not as it must.</exception>
    public Task<IReadOnlyList<double>> TryAsync(CancellationToken cancellationToken) =>
        CheckedAsync(RewardSample.Prompts, cancellationToken);

    public void Dispose()
    {
        _closing.Cancel();
        _endpoint.Dispose();
    }

    private async Task<IReadOnlyList<double>> CheckedAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
    {
        try
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
        catch (RewardFailedException failure)
        {
            _lastFailure = failure.Message;
            throw;
        }
    }

    private RewardFailedException Malformed(string problem) => new(_name, Address, problem, isMalformed: true);

    private ValueTask Change(bool isLeftAlone)
    {
        _onChange(this, isLeftAlone);
        BeginTrying();
        return ValueTask.CompletedTask;
    }

    private void BeginTrying()
    {
        if (Trouble is not null && !_closing.IsCancellationRequested && Interlocked.Exchange(ref _isTrying, 1) == 0)
        {
            _ = Task.Run(TryAgainAsync);
        }
    }

    private async Task TryAgainAsync()
    {
        try
        {
            do
            {
                await Task.Delay(_break, _closing.Token).ConfigureAwait(false);
                try
                {
                    await ScoreAsync(RewardSample.Prompts, _closing.Token).ConfigureAwait(false);
                }
                catch (RewardFailedException)
                {
                    // It is left alone for another while.
                }
            }
            while (_state.CircuitState != CircuitState.Closed);
        }
        catch (OperationCanceledException)
        {
            // The server is stopping.
        }

        Volatile.Write(ref _isTrying, 0);
        BeginTrying(); // In case it has been left alone again since the loop ended.
    }
}
