using SeaGrpc.Modeling.Batching;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>A job on the device, and the lane that its work runs on once it is not alone.</summary>
internal sealed class ActiveJob(ScheduledJob job)
{
    public ScheduledJob Job { get; } = job;

    public JobLane? Lane { get; set; }

    /// <summary>Whether no piece of work is under way: it can be ended, or go on.</summary>
    public bool IsBetweenTurns => Lane is null || Lane.IsIdle;
}
