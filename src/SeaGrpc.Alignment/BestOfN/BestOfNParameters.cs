namespace SeaGrpc.Alignment.BestOfN;

/// <summary>Method <c>best_of_n</c>: N samples, the highest reward wins, no length normalisation.</summary>
public sealed record BestOfNParameters : MethodParameters
{
    /// <summary>Number of samples; at least 1.</summary>
    public int SampleCount { get; init; } = 16;
}
