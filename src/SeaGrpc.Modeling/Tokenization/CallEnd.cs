using System.Diagnostics;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>
/// Until when the texts of one call are worth encoding. Within its scope every text that the thread encodes stops soon after: a pattern of
/// tokenizer.json within the time of one match, a second.
/// </summary>
/// <param name="left">How long the caller still waits, from now; below 0 is not at all, null without end.</param>
/// <param name="cancelled">Set when the caller has gone.</param>
public sealed class CallEnd(TimeSpan? left, CancellationToken cancelled)
{
    [ThreadStatic]
    private static CallEnd? _current;

    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>That of the call that this thread encodes for, or null.</summary>
    internal static CallEnd? Current => _current;

    /// <summary>Makes it the thread's until the scope is disposed of.</summary>
    public Scope Enter()
    {
        var before = _current;
        _current = this;
        return new Scope(before);
    }

    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public void ThrowIfOver()
    {
        cancelled.ThrowIfCancellationRequested();
        if (left is { } time && Stopwatch.GetElapsedTime(_began) >= time)
        {
            throw new OperationCanceledException("The call's deadline has passed.");
        }
    }

    /// <summary>A call under way.</summary>
    public readonly ref struct Scope
    {
        private readonly CallEnd? _before;

        internal Scope(CallEnd? before)
        {
            _before = before;
        }

        /// <summary>Ends it.</summary>
        public void Dispose() => _current = _before;
    }
}
