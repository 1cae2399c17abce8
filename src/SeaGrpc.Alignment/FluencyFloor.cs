namespace SeaGrpc.Alignment;

/// <summary>How fluent a run's answers must be: hardly less than the draft that they are compared with.</summary>
/// <param name="Least">The smallest fluency, in nats per token.</param>
internal sealed record FluencyFloor(double Least)
{
    /// <summary>No floor.</summary>
    public static FluencyFloor None { get; } = new(double.NegativeInfinity);

    /// <summary>The floor under answers that are compared with a draft.</summary>
    /// <param name="draft">The draft, scored.</param>
    /// <param name="loss">How much less fluent they may be, in nats per token; null for no floor.</param>
    public static FluencyFloor Under(ScoredResponse draft, double? loss) =>
        loss is { } most ? new(draft.Fluency.Level - most) : None;

    /// <summary>Whether a response may be the answer.</summary>
    public bool Admits(ScoredResponse response) => response.Fluency.Level >= Least;

    /// <summary>Whether a chain may move to a response: one that may be the answer, or is no less fluent than its present one.</summary>
    public bool Admits(ScoredResponse response, ScoredResponse from) => Admits(response) || response.Fluency.Level >= from.Fluency.Level;

    /// <summary>Whether some continuation of a prefix may be the answer.</summary>
    public bool MayAdmit(ScoredResponse prefix) => prefix.Fluency.BestOfContinuations >= Least;
}
