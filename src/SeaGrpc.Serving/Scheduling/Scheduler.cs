using SeaGrpc.Modeling.Batching;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// Shares the device among the running jobs. Starts no threads but the lanes'. A turn is
/// <list type="number">
/// <item>Admit: waiting jobs start, in order, while fewer than the limit run and their memory fits.</item>
/// <item>Score the drafts of waiting jobs that may see their deadlines before their turn (<see cref="PressedDrafts"/>).</item>
/// <item>Step: every job goes on, until it needs a pass of a model or has done its piece of work; then one kind of the passes
/// is done for all that wait for it. A job that is alone does its piece of work straight away. While there are jobs with a
/// deadline whose drafts are not scored, no other begins a piece of work.</item>
/// <item>Retire: every job between two pieces of work that is to end frees its tensors, then its place, and then tells its caller.</item>
/// </list>
/// A failure ends the job that it came from; a lost device ends the scheduler.
/// </summary>
internal sealed class Scheduler(IAlignmentBackend backend, EngineContext context) : IDisposable
{
    private readonly PassExchange _passes = new(context.Options.MaxBatchTokens);
    private readonly PressedDrafts _drafts = new(backend, context);
    private readonly List<ActiveJob> _active = [];

    /// <summary>One turn.</summary>
    /// <exception cref="DeviceLostException">No job can run any more.</exception>
    public void Turn()
    {
        Admit(); // 1
        _drafts.Score(); // 2
        Step(); // 3
        Retire(); // 4
    }

    /// <summary>Frees all jobs, for the end of the thread.</summary>
    public void ReleaseAll(Exception reason)
    {
        _passes.Abandon(reason);
        foreach (ActiveJob member in _active.ToArray())
        {
            Leave(member);
            member.Job.TryFail(reason);
        }
    }

    public void Dispose() => _passes.Dispose();

    private void Admit()
    {
        while (context.Admission.TakeNext() is { } job)
        {
            var member = new ActiveJob(job);
            _active.Add(member);
            Guard(member, () =>
            {
                job.Start(backend);
                job.BeginRun();
            });
        }
    }

    private void Step()
    {
        if (_active is [{ IsBetweenTurns: true, Job.IsSettled: false } alone])
        {
            Guard(alone, alone.Job.Advance);
            return;
        }

        bool isPressed = _active.Exists(member => member.Job.IsPressed);
        foreach (ActiveJob member in _active.Where(member => member.IsBetweenTurns && (member.Job.IsPressed || !isPressed)).ToArray())
        {
            if (!_active.Contains(member) || member.Job.IsSettled)
            {
                continue;
            }

            Guard(member, () =>
            {
                member.Lane ??= _passes.Open();
                member.Lane.Begin(member.Job.Advance);
                member.Lane.ThrowIfFailed();
            });
            if (member.IsBetweenTurns)
            {
                Retire(); // Whoever is to end, cancelled meanwhile say, does so before the next one's turn.
            }
        }

        _passes.Exchange();
        foreach (ActiveJob member in _active.Where(member => member.IsBetweenTurns).ToArray())
        {
            Guard(member, () => member.Lane?.ThrowIfFailed());
        }

        context.Metrics.NoteBatches(_passes.Passes, _passes.Batches);
    }

    private void Retire()
    {
        bool draining = context.Admission.State >= EngineState.Draining;
        foreach (ActiveJob member in _active.Where(member => member.IsBetweenTurns).ToArray())
        {
            Guard(member, () =>
            {
                if (member.Job.TryEnd(draining))
                {
                    Leave(member);
                    member.Job.Finish();
                }
            });
        }
    }

    private void Guard(ActiveJob member, Action work)
    {
        try
        {
            work();
        }
        catch (Exception thrown)
        {
            Exception failure = DeviceErrors.Translate(thrown);
            Leave(member);
            if (failure is DeviceLostException)
            {
                member.Job.TryFail(new EngineUnavailableException(EngineState.Failed, failure));
                throw failure;
            }

            if (member.Job.TryFail(failure))
            {
                context.Logger.JobFailed(failure);
            }
        }
    }

    private void Leave(ActiveJob member)
    {
        _active.Remove(member);
        if (member.Lane is { } lane)
        {
            _passes.Close(lane);
        }

        try
        {
            member.Job.Release();
        }
        catch (Exception thrown)
        {
            context.Logger.ReleaseFailed(thrown);
        }

        context.Admission.Retire(member.Job);
    }
}
