namespace SeaGrpc.Alignment;

/// <summary>
/// One alignment as a state machine that its owner drives: <see cref="Advance"/> until <see cref="IsFinished"/>, then
/// <see cref="Complete"/>; or <see cref="Complete"/> at any earlier moment. Knows no threads, clocks or cancellation.
/// Owns tensors until disposed. One thread at a time.
/// </summary>
public interface IAlignmentRun : IDisposable
{
    /// <summary>Whether nothing is left to do but <see cref="Complete"/>.</summary>
    bool IsFinished { get; }

    /// <summary>Why it is finished: <see cref="StopReason.Iterations"/> or <see cref="StopReason.Converged"/>.</summary>
    StopReason FinishReason { get; }

    /// <summary>
    /// Whether <see cref="Complete"/> has a scored response to answer with: the caller's draft, or else the sampled ones.
    /// </summary>
    bool HasResponse { get; }

    /// <summary>
    /// Does the next piece of work, a few model passes at most: the prompt's prefill, one decoded token of every draft,
    /// or one whole iteration.
    /// </summary>
    /// <returns>What there is to tell, or null.</returns>
    /// <exception cref="NumericFailureException">The energy or the gradient is not finite; the run can only be disposed, or completed with
    /// the best so far.</exception>
    AlignmentUpdate? Advance();

    /// <summary>The best response so far and its figures.</summary>
    /// <exception cref="InvalidOperationException"><see cref="HasResponse"/> is false.</exception>
    AlignmentOutcome Complete(StopReason reason);
}

/// <summary>An energy or a gradient became NaN or infinite.</summary>
public sealed class NumericFailureException : Exception
{
    /// <summary>With a message that says what was not finite, where, and what to change.</summary>
    public NumericFailureException(string message)
        : base(message)
    {
    }
}
