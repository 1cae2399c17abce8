using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>
/// An engine that is left alone after its requests have failed repeatedly (<see cref="Circuit{TFailure}"/>) until it passes the check of
/// the start, and whose answers count only while it is the engine that was checked.
/// </summary>
/// <remarks>
/// After a lost connection it may be another process, so it must pass the check again before the answer is handed out. A new connection
/// may lead to one, too (the kept ones were closed while nothing was asked), so it must show that model and tokenizer are the same.
/// </remarks>
internal sealed class GuardedPolicy : IPolicy
{
    private readonly EnginePolicy _policy;
    private readonly EngineCheck _check;
    private readonly Circuit<PolicyFailedException> _circuit;
    private readonly Action<GuardedPolicy>? _onEnd;
    private readonly SemaphoreSlim _proving = new(1);
    private int _provenConnects;
    private int _provenLosses;

    /// <summary>Takes ownership of an engine that has just passed the check.</summary>
    /// <param name="policy">The engine.</param>
    /// <param name="check">What it must pass before it is asked again.</param>
    /// <param name="breakDuration">How long it is left alone.</param>
    /// <param name="onChange">Called with true when it is left alone from now on, and with false when it answers again.</param>
    /// <param name="onEnd">Called when it is disposed.</param>
    public GuardedPolicy(
        EnginePolicy policy, EngineCheck check, TimeSpan breakDuration, Action<GuardedPolicy, bool> onChange,
        Action<GuardedPolicy>? onEnd = null)
    {
        _onEnd = onEnd;
        _policy = policy;
        _check = check;
        _provenConnects = policy.Connects;
        _provenLosses = policy.Losses;
        _circuit = new Circuit<PolicyFailedException>(
            breakDuration,
            problem => new PolicyFailedException(policy.Address, problem),
            check.RunAsync,
            isLeftAlone => onChange(this, isLeftAlone));
    }

    public string Address => _policy.Address;

    public PolicyAbilities Abilities => _policy.Abilities;

    /// <summary>What is wrong while it is left alone; null if it is asked as usual.</summary>
    public string? Trouble => _circuit.Trouble;

    public Task<PolicyAnswer<DrawnTokens>> ContinueAsync(
        IReadOnlyList<RowToContinue> rows, TokenDrawing drawing, CancellationToken cancellationToken) =>
        AskAsync(token => _policy.ContinueAsync(rows, drawing, token), cancellationToken);

    public Task<PolicyAnswer<ReadTokens>> ReadAsync(
        IReadOnlyList<RowToRead> rows, int alternatives, CancellationToken cancellationToken) =>
        AskAsync(token => _policy.ReadAsync(rows, alternatives, token), cancellationToken);

    public void Dispose()
    {
        _onEnd?.Invoke(this);
        _circuit.Dispose();
        _policy.Dispose();
    }

    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => _circuit.AskAsync(
        async token =>
        {
            T answer = await ask(token).ConfigureAwait(false);
            await ProveAsync(token).ConfigureAwait(false);
            return answer;
        },
        cancellationToken);

    // Those that the proof itself makes are left to the next answer.
    private async Task ProveAsync(CancellationToken cancellationToken)
    {
        if (IsProven())
        {
            return;
        }

        await _proving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsProven())
            {
                return;
            }

            (int connects, int losses) = (_policy.Connects, _policy.Losses);
            if (losses == _provenLosses)
            {
                await _check.CompareAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _check.RunAsync(cancellationToken).ConfigureAwait(false);
            }

            (_provenConnects, _provenLosses) = (connects, losses);
        }
        finally
        {
            _proving.Release();
        }
    }

    private bool IsProven() =>
        Volatile.Read(ref _provenConnects) == _policy.Connects && Volatile.Read(ref _provenLosses) == _policy.Losses;
}
