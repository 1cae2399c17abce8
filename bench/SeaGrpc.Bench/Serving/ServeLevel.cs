namespace SeaGrpc.Bench.Serving;

/// <summary>Results at one level of concurrency; times in seconds.</summary>
/// <param name="Concurrency">Calls that are open at any moment.</param>
/// <param name="Jobs">Jobs in all.</param>
/// <param name="JobsPerSecond">Throughput.</param>
/// <param name="SequentialJobsPerSecond">That of jobs one after another, over the same channel, right before.</param>
/// <param name="FirstUpdateP50">Half of the calls had their first update by then.</param>
/// <param name="FirstUpdateP99">99 % of them.</param>
/// <param name="CompletionP50">Half of the calls were complete by then.</param>
/// <param name="CompletionP99">99 % of them.</param>
internal sealed record ServeLevel(
    int Concurrency,
    int Jobs,
    double JobsPerSecond,
    double SequentialJobsPerSecond,
    double FirstUpdateP50,
    double FirstUpdateP99,
    double CompletionP50,
    double CompletionP99)
{
    /// <summary>How much more is done than by one job after another.</summary>
    public double Gain => JobsPerSecond / SequentialJobsPerSecond;

    /// <summary>The figures of jobs that ran.</summary>
    public static ServeLevel Of(int concurrency, IReadOnlyList<JobTimes> times, double wallSeconds, double sequentialJobsPerSecond) => new(
        concurrency,
        times.Count,
        times.Count / wallSeconds,
        sequentialJobsPerSecond,
        Percentile(times.Select(job => job.FirstUpdate), 0.5),
        Percentile(times.Select(job => job.FirstUpdate), 0.99),
        Percentile(times.Select(job => job.Completion), 0.5),
        Percentile(times.Select(job => job.Completion), 0.99));

    // Nearest rank.
    private static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}

/// <summary>The same jobs, one after another, over gRPC and directly on an engine, in turns; medians in seconds.</summary>
/// <param name="Jobs">Number of jobs.</param>
/// <param name="GrpcSeconds">From the call to the final.</param>
/// <param name="DirectSeconds">From the reservation to the end.</param>
/// <param name="Share">The part of the first that the second does not need: median over the jobs.</param>
internal sealed record LayerShare(int Jobs, double GrpcSeconds, double DirectSeconds, double Share);

/// <summary>All that <c>serve</c> measures.</summary>
/// <param name="Levels">One for each concurrency.</param>
/// <param name="Layer">The gRPC layer's own share.</param>
internal sealed record ServeFigures(IReadOnlyList<ServeLevel> Levels, LayerShare Layer);
