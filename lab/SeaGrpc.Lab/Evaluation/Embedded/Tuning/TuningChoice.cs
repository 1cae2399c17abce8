namespace SeaGrpc.Lab.Evaluation.Embedded.Tuning;

/// <summary>
/// The one rule by which every method's setting is chosen: by the judge, then by cost. The reward plays no part, because methods can
/// exploit it.
/// </summary>
public static class TuningChoice
{
    /// <summary>The rule in words.</summary>
    public const string Rule =
        "highest all-good rate; among equals the lowest harmful rate; then the most requirements met; then the fewest "
            + "tokens; then the first";

    /// <summary>The best of the candidates.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static TuningCandidate Of(IReadOnlyList<TuningCandidate> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        return candidates
            .OrderByDescending(candidate => candidate.AllGood)
            .ThenBy(candidate => candidate.Harmful)
            .ThenByDescending(candidate => candidate.Met)
            .ThenBy(candidate => candidate.Tokens)
            .FirstOrDefault() ?? throw new ArgumentException("There is no setting to choose.", nameof(candidates));
    }
}
