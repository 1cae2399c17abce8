namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>One word's place in a sentence.</summary>
/// <param name="Fact">The fact that stands there; null for a word without weight.</param>
/// <param name="Words">The words that the grammar allows there.</param>
internal sealed record MovingPlace(FactKind? Fact, IReadOnlyList<string> Words)
{
    /// <summary>The place of a fact.</summary>
    public static MovingPlace Of(FactKind fact) => new(fact, MovingLexicon.Facts[(int)fact]);
}
