namespace SeaGrpc.Bench.Shared;

/// <summary>A pair with common layers against the same pair loaded as separate models.</summary>
/// <param name="Layers">Number of common layers.</param>
/// <param name="Separate">Medians of the separate models.</param>
/// <param name="Shared">Medians of the models that share.</param>
internal sealed record SharedFigures(int Layers, SharedCase Separate, SharedCase Shared)
{
    /// <summary>How many times faster the answer to a caller's draft is.</summary>
    public double DraftFaster => Separate.DraftSeconds / Shared.DraftSeconds;

    /// <summary>How many times faster the answer without a draft is.</summary>
    public double SampleFaster => Separate.SampleSeconds / Shared.SampleSeconds;

    /// <summary>How many times less memory both models take after loading.</summary>
    public double LoadedLess => (double)Separate.LoadedBytes / Shared.LoadedBytes;

    /// <summary>How many times lower the peak is.</summary>
    public double PeakLess => (double)Separate.PeakBytes / Shared.PeakBytes;

    /// <summary>Takes medians over turns.</summary>
    public static SharedFigures Of(int layers, IReadOnlyList<SharedCase> separate, IReadOnlyList<SharedCase> shared) =>
        new(layers, MedianOf(separate), MedianOf(shared));

    private static SharedCase MedianOf(IReadOnlyList<SharedCase> turns)
    {
        double Of(Func<SharedCase, double> figure) => Median.Of(turns.Select(figure));
        return turns[0] with
        {
            DraftSeconds = Of(turn => turn.DraftSeconds),
            SampleSeconds = Of(turn => turn.SampleSeconds),
            LoadedBytes = (long)Of(turn => turn.LoadedBytes),
            PeakBytes = (long)Of(turn => turn.PeakBytes),
        };
    }
}
