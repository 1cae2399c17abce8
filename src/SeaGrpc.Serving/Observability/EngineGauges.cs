namespace SeaGrpc.Serving.Observability;

/// <summary>What an engine's gauges read, on any thread, when somebody asks for the metrics.</summary>
internal sealed record EngineGauges
{
    /// <summary>Jobs on the device.</summary>
    public Func<int> Running { get; init; } = () => 0;

    /// <summary>Jobs in the queue.</summary>
    public Func<int> Waiting { get; init; } = () => 0;

    /// <summary>Most jobs on the device.</summary>
    public int MostRunning { get; init; }

    /// <summary>Most jobs in the queue.</summary>
    public int MostWaiting { get; init; }

    /// <summary>Bytes that the running jobs may need together; 0 for no limit.</summary>
    public Func<long> MemoryBudget { get; init; } = () => 0;

    /// <summary>Bytes that the running jobs need together, as estimated from their shapes.</summary>
    public Func<long> MemoryReserved { get; init; } = () => 0;

    /// <summary>Bytes that are kept for other jobs of the same prompt.</summary>
    public Func<long> MemoryKept { get; init; } = () => 0;
}
