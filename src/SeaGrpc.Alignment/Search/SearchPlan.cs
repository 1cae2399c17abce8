namespace SeaGrpc.Alignment.Search;

/// <summary>A method, expressed as settings of the shared search.</summary>
/// <param name="Shape">The shape of the search.</param>
/// <param name="Iterations">Maximum number of iterations: one per step.</param>
internal sealed record SearchPlan(SearchShape Shape, int Iterations)
{
    /// <summary>
    /// Number N of samples, which are drawn by consecutive searches of one step with <see cref="PrefixSearch.BatchRows"/> each; 0 if there
    /// is only one search.
    /// </summary>
    public int Samples { get; init; }

    /// <summary>Whether to sample a draft if the caller has none.</summary>
    public bool SampleDraft { get; init; }

    /// <summary>Whether the first candidate becomes the draft if the caller has none.</summary>
    public bool FirstIsDraft { get; init; }

    /// <summary>Whether only chosen candidates can be the answer, rather than every response that has ended.</summary>
    public bool OnlyChosen { get; init; }

    /// <summary>The shape of the search in the next round.</summary>
    public SearchShape Round(int done) => Samples == 0
        ? Shape
        : Shape with { SamplesPerBeam = Math.Min(PrefixSearch.BatchRows, Samples - done) };
}
