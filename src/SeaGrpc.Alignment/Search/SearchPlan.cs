namespace SeaGrpc.Alignment.Search;

/// <summary>A method as settings of the one search.</summary>
/// <param name="Shape">The search.</param>
/// <param name="Iterations">Iterations that there are at most: one for each step.</param>
internal sealed record SearchPlan(SearchShape Shape, int Iterations)
{
    /// <summary>
    /// Samples N that are drawn by searches of one step, one after another, <see cref="PrefixSearch.BatchRows"/> in each; 0 where the one
    /// search is all.
    /// </summary>
    public int Samples { get; init; }

    /// <summary>Whether a draft is sampled where the caller has none.</summary>
    public bool SampleDraft { get; init; }

    /// <summary>Whether the first candidate is the draft where the caller has none.</summary>
    public bool FirstIsDraft { get; init; }

    /// <summary>Whether only what a step has chosen can be the answer, or everything in it that has ended.</summary>
    public bool OnlyChosen { get; init; }

    /// <summary>The search of a round.</summary>
    public SearchShape Round(int done) => Samples == 0
        ? Shape
        : Shape with { SamplesPerBeam = Math.Min(PrefixSearch.BatchRows, Samples - done) };
}
