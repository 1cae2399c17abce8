using Polly;
using Polly.CircuitBreaker;
using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// An engine that is left alone for a while after its requests have failed repeatedly: at least four in half a minute, and at least half of
/// them. Meanwhile requests fail at once, and the check of the start is made again and again until it is passed.
/// </summary>
internal sealed class GuardedPolicy : IPolicy
{
    private const double FailureRatio = 0.5;
    private const int LeastRequests = 4;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly IPolicy _policy;
    private readonly Func<CancellationToken, Task> _check;
    private readonly TimeSpan _break;
    private readonly Action<GuardedPolicy, bool> _onChange;
    private readonly ResiliencePipeline _circuit;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CancellationTokenSource _closing = new();
    private volatile string _lastFailure = string.Empty;
    private int _isTrying;

    /// <summary>Takes ownership of an engine.</summary>
    /// <param name="policy">The engine.</param>
    /// <param name="check">What it must pass before it is asked again.</param>
    /// <param name="breakDuration">How long it is left alone.</param>
    /// <param name="onChange">Called with true when it is left alone from now on, and with false when it answers again.</param>
    public GuardedPolicy(
        IPolicy policy, Func<CancellationToken, Task> check, TimeSpan breakDuration, Action<GuardedPolicy, bool> onChange)
    {
        _policy = policy;
        _check = check;
        _break = breakDuration;
        _onChange = onChange;
        _circuit = new ResiliencePipelineBuilder()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = FailureRatio,
                MinimumThroughput = LeastRequests,
                SamplingDuration = Window,
                BreakDuration = breakDuration,
                StateProvider = _state,
                ShouldHandle = new PredicateBuilder().Handle<PolicyFailedException>(failure => !failure.IsRefusal),
                OnOpened = _ => Change(true),
                OnClosed = _ => Change(false),
            })
            .Build();
    }

    public string Address => _policy.Address;

    public PolicyAbilities Abilities => _policy.Abilities;

    /// <summary>What is wrong while it is left alone; null if it is asked as usual.</summary>
    public string? Trouble => _state.CircuitState == CircuitState.Closed ? null : _lastFailure;

    public Task<PolicyAnswer<DrawnTokens>> ContinueAsync(
        IReadOnlyList<RowToContinue> rows, TokenDrawing drawing, CancellationToken cancellationToken) =>
        AskAsync(token => _policy.ContinueAsync(rows, drawing, token), cancellationToken);

    public Task<PolicyAnswer<ReadTokens>> ReadAsync(
        IReadOnlyList<RowToRead> rows, int alternatives, CancellationToken cancellationToken) =>
        AskAsync(token => _policy.ReadAsync(rows, alternatives, token), cancellationToken);

    public void Dispose()
    {
        _closing.Cancel();
        _policy.Dispose();
    }

    // While it is in trouble, only the check may reach it: it may be another model by now.
    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) =>
        Trouble is null ? GuardAsync(ask, cancellationToken) : throw LeftAlone();

    private PolicyFailedException LeftAlone() =>
        new(Address, $"is not asked at the moment, because it failed repeatedly: {_lastFailure}");

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await _circuit.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        return await ask(token).ConfigureAwait(false);
                    }
                    catch (PolicyFailedException failure)
                    {
                        _lastFailure = failure.Message;
                        throw;
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException)
        {
            throw LeftAlone();
        }
    }

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
                    await GuardAsync(
                        async token =>
                        {
                            await _check(token).ConfigureAwait(false);
                            return true;
                        },
                        _closing.Token).ConfigureAwait(false);
                }
                catch (PolicyFailedException)
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
