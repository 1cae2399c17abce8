namespace SeaGrpc.Server.Errors;

/// <summary>A pair of models does not fit beside those that are in use.</summary>
/// <param name="pair">The pair's name.</param>
/// <param name="neededBytes">What its weights need.</param>
/// <param name="heldBytes">What the weights of the pairs hold that cannot be unloaded now.</param>
/// <param name="budgetBytes">What the weights of all pairs may take.</param>
/// <param name="held">The names of the pairs that cannot be unloaded now.</param>
internal sealed class PairMemoryException(
    string pair, long neededBytes, long heldBytes, long budgetBytes, IReadOnlyList<string> held)
    : Exception(Text(pair, neededBytes, heldBytes, budgetBytes, held))
{
    /// <summary>When to try again: a call on another pair may have ended.</summary>
    public TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);

    private static string Text(string pair, long needed, long held, long budget, IReadOnlyList<string> names) =>
        $"The model \"{pair}\" needs about {MiB(needed)} for its weights, but {MiB(held)} of the {MiB(budget)} for all models are taken"
        + (names.Count == 0 ? string.Empty : $" by {string.Join(", ", names)}, which must stay loaded or have calls")
        + ". Try again when these have ended, or raise SeaGrpc:Models:MemoryMiB.";

    private static string MiB(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.#} MiB");
}
