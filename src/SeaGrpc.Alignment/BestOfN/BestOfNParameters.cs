using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Alignment.BestOfN;

/// <summary>Method <c>best_of_n</c>: N samples, the highest reward wins, no length normalisation.</summary>
public sealed record BestOfNParameters : MethodParameters
{
    [Parameter("Number of samples.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int SampleCount { get; init; } = 16;
}
