using System.Diagnostics;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>
/// Until when it is worth encoding the texts of one call. Within its scope, encoding on this thread stops soon after that time. A pattern
/// of tokenizer.json stops within the time limit of one match, a second.
/// </summary>
/// <param name="left">How long the caller still waits, from now. Negative for not at all, null for ever.</param>
/// <param name="cancelled">Signals that the caller has disconnected.</param>
public sealed class CallEnd(TimeSpan? left, CancellationToken cancelled)
{
    [ThreadStatic]
    private static CallEnd? _current;

    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>The end of the call that this thread encodes for, or null.</summary>
    internal static CallEnd? Current => _current;

    /// <summary>Makes it current for this thread until the scope is disposed.</summary>
    public Scope Enter()
    {
        var before = _current;
        _current = this;
        return new Scope(before);
    }

    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    public void ThrowIfOver()
    {
        cancelled.ThrowIfCancellationRequested();
        if (left is { } time && Stopwatch.GetElapsedTime(_began) >= time)
        {
            throw new OperationCanceledException("The call's deadline has passed.");
        }
    }

    /// <summary>A call in progress.</summary>
    public readonly ref struct Scope
    {
        private readonly CallEnd? _before;

        internal Scope(CallEnd? before)
        {
            _before = before;
        }

        /// <summary>Ends the scope.</summary>
        public void Dispose() => _current = _before;
    }
}
