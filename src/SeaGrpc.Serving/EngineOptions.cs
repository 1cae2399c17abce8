using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Serving;

/// <summary>The operator's settings of an <see cref="AlignmentEngine"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>
    /// Jobs on the device at the same time, whose model passes are done together; 1 to 256, default 4. Each holds its own tensors.
    /// </summary>
    [Range(1, 256)]
    public int MaxConcurrentJobs { get; init; } = 4;

    /// <summary>
    /// Most token positions in one batch of several jobs' passes, which bounds its activations; 1 to 1048576, default 8192.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxBatchTokens { get; init; } = 8192;

    /// <summary>
    /// Most token positions of one job that are read before another one has its turn, at least one row's; 1 to 1048576, default 1024.
    /// Longer passes are done in parts, and jobs get equal shares of the device, counted in positions.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxTurnTokens { get; init; } = 1024;

    /// <summary>
    /// Most memory that the running jobs together may need, in MiB, weights not counted; 1 to 16777216, or 0, the default: three quarters
    /// of what the container or the device has, less what the models hold. A job waits until it fits, and one that needs more than this is
    /// refused.
    /// </summary>
    [Range(0, 1 << 24)]
    public int MemoryBudgetMiB { get; init; }

    /// <summary>How far a step of priority moves a job ahead in the queue; 0 to 1 hour, default 10 seconds. So none starves.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan PriorityStep { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Jobs that may wait beyond those; 0 to 10000, default 64.</summary>
    [Range(0, 10_000)]
    public int MaxQueuedJobs { get; init; } = 64;

    /// <summary>Longest wait in the queue where the request names none; above 0, at most one hour, default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long before its deadline a run ends, so that the answer reaches the caller in time; 0 to 1 minute, default
    /// 200 milliseconds. A request with little time left gives up a quarter of that time at most.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long running jobs may take to end when the engine is disposed; 0 to 1 hour, default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DrainBudget { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Pairs of one Score request that are scored in one turn of the model thread; 1 to 1024, default 8.</summary>
    [Range(1, 1024)]
    public int ScoreBatchSize { get; init; } = 8;

    /// <summary>Finished requests that are kept for replay; 0 (none) to 100000, default 256.</summary>
    [Range(0, 100_000)]
    public int ReplayCapacity { get; init; } = 256;

    /// <summary>How long a finished request is kept for replay; 0 to 1 day, default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReplayLifetime { get; init; } = TimeSpan.FromMinutes(10);
}
