namespace SeaGrpc.Alignment;

/// <summary>
/// One alignment as a state machine that its owner drives: <see cref="Advance"/> until <see cref="IsFinished"/>, then
/// <see cref="Complete"/>, or <see cref="Complete"/> earlier. Independent of threads, clocks and cancellation. Owns tensors until disposed.
/// Not thread-safe.
/// </summary>
public interface IAlignmentRun : IDisposable
{
    /// <summary>Whether only <see cref="Complete"/> remains to be called.</summary>
    bool IsFinished { get; }

    /// <summary>
    /// Why it has finished: <see cref="StopReason.Iterations"/>, <see cref="StopReason.Converged"/> or
    /// <see cref="StopReason.DraftNotUnderstood"/>.
    /// </summary>
    StopReason FinishReason { get; }

    /// <summary>Whether <see cref="Complete"/> has a scored response to answer with: the caller's draft or sampled ones.</summary>
    bool HasResponse { get; }

    /// <summary>
    /// Whether the reward of one of the given responses exceeds the caller's draft's by <see cref="AlignmentTask.KnownResponseGain"/>, as
    /// far as they have been read. False for a method that reads none.
    /// </summary>
    bool IsDraftBeaten => false;

    /// <summary>
    /// Does one unit of work, a few model passes at most: the prompt's prefill, one decoded token of every draft, or one whole iteration.
    /// </summary>
    /// <returns>An update, or null.</returns>
    /// <exception cref="NumericFailureException">
    /// The energy or gradient is not finite. The run can only be disposed, or completed with the best response so far.
    /// </exception>
    /// <exception cref="Rewards.RewardFailedException">
    /// A reward outside the process failed. The run can only be disposed.
    /// </exception>
    AlignmentUpdate? Advance();

    /// <summary>The best response so far and its scores.</summary>
    /// <exception cref="InvalidOperationException"><see cref="HasResponse"/> is false.</exception>
    AlignmentOutcome Complete(StopReason reason);
}

/// <summary>An energy or gradient is NaN or infinite.</summary>
public sealed class NumericFailureException : Exception
{
    /// <summary>Creates the exception with a message that says what was not finite, where, and what to change.</summary>
    public NumericFailureException(string message)
        : base(message)
    {
    }
}
