namespace SeaGrpc.Cli.Load;

/// <summary>What came of a load.</summary>
internal sealed class LoadResult
{
    /// <summary>Time from the moment when a call was due to its first event.</summary>
    public LatencyHistogram FirstEvent { get; } = new();

    /// <summary>Time from the moment when a call was due to its final event.</summary>
    public LatencyHistogram Final { get; } = new();

    /// <summary>Calls that failed, by code and reason.</summary>
    public SortedDictionary<string, int> Failures { get; } = [];

    /// <summary>Answers by why their runs ended.</summary>
    public SortedDictionary<string, int> StopReasons { get; } = [];

    /// <summary>Calls that the server admitted: it sent at least one event.</summary>
    public long Admitted { get; set; }

    /// <summary>Iterations over all answers.</summary>
    public long Iterations { get; set; }

    /// <summary>From the first call's start to the last one's end.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Calls that ended, either way.</summary>
    public long Calls => Final.Count + Failures.Values.Sum();
}
