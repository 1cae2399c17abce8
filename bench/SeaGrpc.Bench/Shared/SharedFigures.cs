namespace SeaGrpc.Bench.Shared;

/// <summary>A pair with common layers against the same pair loaded as separate models.</summary>
/// <param name="Layers">Number of common layers.</param>
/// <param name="Separate">The separate models; seconds are medians over the turns.</param>
/// <param name="Shared">The models that share, likewise.</param>
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

    /// <summary>Puts memory and times together.</summary>
    /// <param name="layers">Number of common layers.</param>
    /// <param name="memory">The separate models and those that share, each in a process of its own.</param>
    /// <param name="times">For every turn, the separate models and those that share, in one process.</param>
    public static SharedFigures Of(int layers, SharedCase[] memory, SharedCase[][] times)
    {
        SharedCase Side(int side) => memory[side] with
        {
            DraftSeconds = Median.Of(times.Select(turn => turn[side].DraftSeconds)),
            SampleSeconds = Median.Of(times.Select(turn => turn[side].SampleSeconds)),
        };
        return new SharedFigures(layers, Side(0), Side(1));
    }
}
