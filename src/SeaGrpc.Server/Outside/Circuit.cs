using Polly;
using Polly.CircuitBreaker;
using SeaGrpc.Alignment;

namespace SeaGrpc.Server.Outside;

/// <summary>
/// Leaves something outside the server alone for a while after it has failed repeatedly: at least four times in half a minute, and in at
/// least half of what was asked. Meanwhile asking fails at once, and only the trial reaches it, again and again until it succeeds. What is
/// refused (<see cref="OutsideFailedException.IsRefusal"/>) does not count. Thread-safe.
/// </summary>
/// <typeparam name="TFailure">How it fails.</typeparam>
internal sealed class Circuit<TFailure> : IDisposable
    where TFailure : OutsideFailedException
{
    private const double FailureRatio = 0.5;
    private const int LeastRequests = 4;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _break;
    private readonly Func<string, TFailure> _failure;
    private readonly Func<CancellationToken, Task> _trial;
    private readonly Action<bool> _onChange;
    private readonly ResiliencePipeline _pipeline;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CancellationTokenSource _closing = new();
    private volatile string _lastFailure = string.Empty;
    private int _isTrying;

    /// <summary>Creates a closed circuit.</summary>
    /// <param name="breakDuration">How long it is left alone.</param>
    /// <param name="failure">Makes the failure of what is asked meanwhile, of a problem: the end of a sentence about it.</param>
    /// <param name="trial">What it must pass before it is asked again.</param>
    /// <param name="onChange">Called with true when it is left alone from now on, and with false when it answers again.</param>
    public Circuit(
        TimeSpan breakDuration, Func<string, TFailure> failure, Func<CancellationToken, Task> trial, Action<bool> onChange)
    {
        _break = breakDuration;
        _failure = failure;
        _trial = trial;
        _onChange = onChange;
        _pipeline = new ResiliencePipelineBuilder()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = FailureRatio,
                MinimumThroughput = LeastRequests,
                SamplingDuration = Window,
                BreakDuration = breakDuration,
                StateProvider = _state,
                ShouldHandle = new PredicateBuilder().Handle<TFailure>(thrown => !thrown.IsRefusal),
                OnOpened = _ => Change(true),
                OnClosed = _ => Change(false),
            })
            .Build();
    }

    /// <summary>What is wrong while it is left alone; null if it is asked as usual.</summary>
    public string? Trouble => _state.CircuitState == CircuitState.Closed ? null : _lastFailure;

    /// <summary>Asks it.</summary>
    /// <exception cref="OutsideFailedException">It fails, or is left alone.</exception>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => Trouble is null
        ? await GuardAsync(ask, cancellationToken).ConfigureAwait(false)
        : throw LeftAlone();

    public void Dispose() => _closing.Cancel();

    private TFailure LeftAlone() => _failure($"is not asked at the moment, because it failed repeatedly: {_lastFailure}");

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                async token =>
                {
                    try
                    {
                        return await ask(token).ConfigureAwait(false);
                    }
                    catch (TFailure thrown) when (!thrown.IsRefusal)
                    {
                        _lastFailure = thrown.Message;
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
        _onChange(isLeftAlone);
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
                            await _trial(token).ConfigureAwait(false);
                            return true;
                        },
                        _closing.Token).ConfigureAwait(false);
                }
                catch (TFailure)
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
