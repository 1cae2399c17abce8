namespace SeaGrpc.Evaluation.Embedded.Tuning;

/// <summary>The one rule by which every method's setting is chosen.</summary>
public static class TuningChoice
{
    /// <summary>The rule in words.</summary>
    public const string Rule = "lowest harmful rate; among equals the most requirements met; among equals the highest reward; among equals the first";

    /// <summary>The best of the candidates.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static TuningCandidate Of(IReadOnlyList<TuningCandidate> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        return candidates
            .OrderBy(candidate => candidate.Harmful)
            .ThenByDescending(candidate => candidate.Met)
            .ThenByDescending(candidate => candidate.Reward)
            .FirstOrDefault() ?? throw new ArgumentException("There is no setting to choose.", nameof(candidates));
    }
}
