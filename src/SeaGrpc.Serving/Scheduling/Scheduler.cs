using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// Shares the device among the running jobs, one piece of work per turn, round-robin. Knows no threads. A turn is
/// <list type="number">
/// <item>Admit: waiting jobs start, in order, while fewer than the limit run.</item>
/// <item>Step: the job whose turn it is does one piece of work. Work of several jobs in one batch would go here.</item>
/// <item>Retire: every job that is to end frees its tensors, then its place, and then tells its caller.</item>
/// </list>
/// A failure ends the job that it came from; a lost device ends the scheduler.
/// </summary>
internal sealed class Scheduler(IAlignmentBackend backend, EngineContext context)
{
    private readonly Queue<ScheduledJob> _active = new();

    /// <summary>One turn.</summary>
    /// <exception cref="DeviceLostException">No job can run any more.</exception>
    public void Turn()
    {
        Admit(); // 1
        Step(); // 2
        Retire(); // 3
    }

    /// <summary>Frees all jobs, for the end of the thread.</summary>
    public void ReleaseAll(Exception reason)
    {
        while (_active.TryDequeue(out ScheduledJob? job))
        {
            Leave(job);
            job.TryFail(reason);
        }
    }

    private void Admit()
    {
        while (context.Admission.TakeNext() is { } job)
        {
            Guard(job, () =>
            {
                job.Start(backend);
                _active.Enqueue(job);
            });
        }
    }

    private void Step()
    {
        if (_active.TryDequeue(out ScheduledJob? job))
        {
            Guard(job, () =>
            {
                if (!job.IsSettled)
                {
                    job.Advance();
                }

                _active.Enqueue(job);
            });
        }
    }

    private void Retire()
    {
        bool draining = context.Admission.State >= EngineState.Draining;
        for (int left = _active.Count; left > 0; left--)
        {
            ScheduledJob job = _active.Dequeue();
            Guard(job, () =>
            {
                if (job.TryEnd(draining))
                {
                    Leave(job);
                    job.Finish();
                }
                else
                {
                    _active.Enqueue(job);
                }
            });
        }
    }

    private void Guard(ScheduledJob job, Action work)
    {
        try
        {
            work();
        }
        catch (Exception thrown)
        {
            Exception failure = DeviceErrors.Translate(thrown);
            Leave(job);
            if (failure is DeviceLostException)
            {
                job.TryFail(new EngineUnavailableException(EngineState.Failed, failure));
                throw failure;
            }

            if (job.TryFail(failure))
            {
                context.Logger.JobFailed(failure);
            }
        }
    }

    private void Leave(ScheduledJob job)
    {
        try
        {
            job.Release();
        }
        catch (Exception thrown)
        {
            context.Logger.ReleaseFailed(thrown);
        }

        context.Admission.Retire(job);
    }
}
