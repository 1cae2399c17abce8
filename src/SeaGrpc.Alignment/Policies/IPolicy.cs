namespace SeaGrpc.Alignment.Policies;

/// <summary>
/// What methods ask of a reference policy that they do not hold themselves: to continue rows, and to read given ones. A row is the whole
/// prompt with what follows it. The policy keeps what it has read of a row for as long as it likes (an engine's prefix cache), so nothing
/// is prefilled and nothing is forgotten by a call.
/// </summary>
/// <remarks>
/// All log-probabilities are those of the unchanged policy, in nats: at temperature 1, over all tokens, before anything is forbidden.
/// </remarks>
public interface IPolicy : IDisposable
{
    /// <summary>Where it runs, for messages.</summary>
    string Address { get; }

    /// <summary>What it can do.</summary>
    PolicyAbilities Abilities { get; }

    /// <summary>Continues rows, all in one batch.</summary>
    /// <param name="rows">The rows; at least one.</param>
    /// <param name="drawing">How their tokens are drawn.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>What was drawn for each row, in their order.</returns>
    /// <exception cref="PolicyFailedException">It did not answer, or not so.</exception>
    /// <exception cref="OperationCanceledException">Asking was stopped.</exception>
    Task<PolicyAnswer<DrawnTokens>> ContinueAsync(
        IReadOnlyList<RowToContinue> rows, TokenDrawing drawing, CancellationToken cancellationToken);

    /// <summary>Reads given rows, all in one batch.</summary>
    /// <param name="rows">The rows; at least one.</param>
    /// <param name="alternatives">
    /// Number of the likeliest tokens told at each position; 0 to <see cref="PolicyAbilities.MostAlternatives"/>.
    /// </param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The figures of each row, in their order.</returns>
    /// <exception cref="NotSupportedException">It cannot read given tokens.</exception>
    /// <exception cref="PolicyFailedException">It did not answer, or not so.</exception>
    /// <exception cref="OperationCanceledException">Asking was stopped.</exception>
    Task<PolicyAnswer<ReadTokens>> ReadAsync(IReadOnlyList<RowToRead> rows, int alternatives, CancellationToken cancellationToken);
}
