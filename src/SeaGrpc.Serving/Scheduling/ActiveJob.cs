using SeaGrpc.Modeling.Batching;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>A job on the device, and the lane that its work runs on while other jobs run.</summary>
internal sealed class ActiveJob(ScheduledJob job)
{
    public ScheduledJob Job { get; } = job;

    public JobLane? Lane { get; set; }

    /// <summary>Whether no unit of work is under way, so that the job can end or continue.</summary>
    public bool IsBetweenTurns => Lane is null || Lane.IsIdle;

    /// <summary>
    /// Whether its unit of work waits for an answer from outside the process, and needs nothing of the device until then.
    /// </summary>
    public bool IsWaitingOutside => Lane is { IsWaitingOutside: true };
}
