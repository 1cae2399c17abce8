namespace SeaGrpc.Serving.Jobs;

/// <summary>How long a job may take. All unset: the engine's queue timeout, and no other limit.</summary>
public sealed record JobLimits
{
    /// <summary>No limits of its own.</summary>
    public static JobLimits None { get; } = new();

    /// <summary>
    /// When the caller stops waiting. The run ends <see cref="EngineOptions.DeadlineMargin"/> earlier with its best so far.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Longest time on the device, from the start of the run; above 0. The run then ends with its best so far.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Steps ahead in the queue, or behind where below 0; each is worth <see cref="EngineOptions.PriorityStep"/>.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// Longest wait in the queue; above 0, and longer than a day is a day. Unset: <see cref="EngineOptions.QueueTimeout"/>.
    /// </summary>
    public TimeSpan? QueueTimeout { get; init; }
}
