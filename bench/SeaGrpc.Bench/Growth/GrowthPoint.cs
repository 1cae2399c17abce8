namespace SeaGrpc.Bench.Growth;

/// <summary>One measured point.</summary>
/// <param name="Size">What the curve's size is here.</param>
/// <param name="Seconds">Median time of an iteration.</param>
/// <param name="ComputedOperations">Operations of its matrix products.</param>
internal sealed record GrowthPoint(int Size, double Seconds, double ComputedOperations);

/// <summary>One curve: a size is doubled, all others stay.</summary>
/// <param name="Name">chains, positions, prompt or vocabulary.</param>
/// <param name="Points">From small to large.</param>
internal sealed record GrowthLine(string Name, IReadOnlyList<GrowthPoint> Points)
{
    /// <summary>By how much the time grew with the last doubling; 2 is linear.</summary>
    public double LastDoubling => Points.Count < 2 ? double.NaN : Points[^1].Seconds / Points[^2].Seconds;

    /// <summary>By how much the operations did.</summary>
    public double LastDoublingOfOperations => Points.Count < 2 ? double.NaN : Points[^1].ComputedOperations / Points[^2].ComputedOperations;
}
