using System.Diagnostics.Metrics;

namespace SeaGrpc.Serving.Observability;

/// <summary>Upper bounds of the buckets of histograms, each for one kind of quantity.</summary>
public static class MetricBuckets
{
    /// <summary>Seconds of calls, waits and drafts: from a tiny model's call to a minute and more.</summary>
    public static InstrumentAdvice<double> Seconds { get; } =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] };

    /// <summary>Seconds of one iteration.</summary>
    public static InstrumentAdvice<double> ShortSeconds { get; } =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };

    /// <summary>Iterations of one alignment.</summary>
    public static InstrumentAdvice<int> Iterations { get; } =
        new() { HistogramBucketBoundaries = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] };

    /// <summary>Jobs whose passes are in one batch.</summary>
    public static InstrumentAdvice<int> Passes { get; } = new() { HistogramBucketBoundaries = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64] };

    /// <summary>Token positions of one batch.</summary>
    public static InstrumentAdvice<long> Positions { get; } =
        new() { HistogramBucketBoundaries = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384] };

    /// <summary>Nats of energy; 0 is no gain.</summary>
    public static InstrumentAdvice<double> Nats { get; } =
        new() { HistogramBucketBoundaries = [0, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100] };

    /// <summary>Reward units. An answer of lower energy may have a lower reward.</summary>
    public static InstrumentAdvice<double> Rewards { get; } =
        new() { HistogramBucketBoundaries = [-1, -0.1, 0, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10] };
}
