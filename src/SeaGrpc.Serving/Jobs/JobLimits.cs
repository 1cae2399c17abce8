namespace SeaGrpc.Serving.Jobs;

/// <summary>How long a job may take. If none is set, only the engine's queue timeout applies.</summary>
public sealed record JobLimits
{
    /// <summary>No limits beyond the engine's.</summary>
    public static JobLimits None { get; } = new();

    /// <summary>
    /// When the caller stops waiting. The run ends earlier by <see cref="EngineOptions.DeadlineMargin"/>, with its best response so far.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Maximum time on the device from the start of the run; above 0. The run then ends with its best response so far.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>
    /// Steps ahead in the queue; negative values are steps behind. Each is worth <see cref="EngineOptions.PriorityStep"/>.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>
    /// Maximum wait in the queue; above 0. More than a day counts as a day. Null is <see cref="EngineOptions.QueueTimeout"/>.
    /// </summary>
    public TimeSpan? QueueTimeout { get; init; }
}
