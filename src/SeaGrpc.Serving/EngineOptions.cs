using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Serving;

/// <summary>The operator's settings of an <see cref="AlignmentEngine"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>
    /// Jobs on the device at the same time, which share batches of model passes; 1 to 256, default 4. Each holds its own tensors.
    /// </summary>
    [Range(1, 256)]
    public int MaxConcurrentJobs { get; init; } = 4;

    /// <summary>
    /// Maximum token positions in one batch of several jobs' passes, which bounds the activations; 1 to 1048576, default 8192.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxBatchTokens { get; init; } = 8192;

    /// <summary>
    /// Maximum token positions that are read for one job before another job has its turn, but at least one row; 1 to 1048576, default 1024.
    /// Longer passes are split, and jobs get equal shares of the device, counted in positions.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxTurnTokens { get; init; } = 1024;

    /// <summary>
    /// Maximum memory that the running jobs may need together, in MiB, without the weights; 1 to 16777216. The default, 0, is three
    /// quarters of the memory of the container or device, less the models. A job waits until it fits. A job that needs more than this is
    /// refused.
    /// </summary>
    [Range(0, 1 << 24)]
    public int MemoryBudgetMiB { get; init; }

    /// <summary>
    /// How far one step of priority moves a job ahead in the queue; 0 to 1 hour, default 10 seconds. Because the lead is limited, no job
    /// starves.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan PriorityStep { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Jobs that may wait in addition to the running ones; 0 to 10000, default 64.</summary>
    [Range(0, 10_000)]
    public int MaxQueuedJobs { get; init; } = 64;

    /// <summary>Maximum wait in the queue for requests that set none; above 0, at most one hour, default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long before its deadline a run ends, so that the answer reaches the caller in time; 0 to 1 minute, default 200 milliseconds. At
    /// most a quarter of the time that a request has left is given up.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long running jobs may take to end when the engine is disposed; 0 to 1 hour, default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DrainBudget { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Pairs of one Score request that are scored in one turn of the model thread; 1 to 1024, default 8.</summary>
    [Range(1, 1024)]
    public int ScoreBatchSize { get; init; } = 8;

    /// <summary>Number of finished requests that are kept for replay; 0 (none) to 100000, default 256.</summary>
    [Range(0, 100_000)]
    public int ReplayCapacity { get; init; } = 256;

    /// <summary>How long a finished request is kept for replay; 0 to 1 day, default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReplayLifetime { get; init; } = TimeSpan.FromMinutes(10);
}
