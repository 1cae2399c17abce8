using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Batching;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// Shares the device among the running jobs. It starts no threads except the lanes'. A turn has these steps:
/// <list type="number">
/// <item>Admit: waiting jobs start, in order, while fewer than the limit run and their memory fits.</item>
/// <item>Score the drafts of waiting jobs whose deadlines may pass before their turn (<see cref="PressedDrafts"/>).</item>
/// <item>Step: every job continues until it needs a model pass or has done its unit of work; then one kind of pass is run for all jobs that
/// wait for it. A job that runs alone does its unit of work directly, until another job wants the device. While jobs with a deadline have
/// unscored drafts, other jobs begin no unit of work.</item>
/// <item>Retire: every job that is to end frees its tensors, then its place, and then tells its caller. A unit of work that is no longer of
/// use is abandoned.</item>
/// <item>Wait: while every job waits for an answer from outside the process, so does the thread, until one is there, a job arrives or a
/// short time is over, after which the jobs' limits are looked at again.</item>
/// </list>
/// A failure ends the job that caused it. A lost device ends the scheduler.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    /// <summary>How late a limit or a cancellation may be noticed while all jobs wait for answers from outside.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(20);

    private readonly IAlignmentBackend _backend;
    private readonly EngineContext _context;
    private readonly PassExchange _passes;
    private readonly PressedDrafts _drafts;
    private readonly List<ActiveJob> _active = [];

    public Scheduler(IAlignmentBackend backend, EngineContext context)
    {
        _backend = backend;
        _context = context;
        _drafts = new PressedDrafts(backend, context);
        _passes = new PassExchange(
            context.Options.MaxBatchTokens, context.Options.MaxTurnTokens, IsWanted, context.Admission.Wake, context.Metrics.RecordBatch);
    }

    private bool IsDraining => _context.Admission.State >= EngineState.Draining;

    /// <summary>Runs one turn.</summary>
    /// <exception cref="DeviceLostException">The device is lost. No job can run any more.</exception>
    public void Turn()
    {
        Admit(); // 1
        _drafts.Score(); // 2
        Step(); // 3
        Retire(); // 4
        if (_active.Count > 0 && _active.TrueForAll(member => member.IsWaitingOutside))
        {
            _context.Admission.WaitForNews(LongestWait); // 5
        }
    }

    /// <summary>Frees all jobs at the end of the thread.</summary>
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
        while (_context.Admission.TakeNext() is { } job)
        {
            var member = new ActiveJob(job);
            _active.Add(member);
            _backend.KeepReadings(_context.Admission.SpareBytes);
            Guard(member, () =>
            {
                job.Start(_backend);
                job.BeginRun();
            });
        }
    }

    private void Step()
    {
        bool isPressed = _active.Exists(member => member.Job.IsPressed && !member.IsWaitingOutside);
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
                Retire(); // A job that is to end, for example because it was cancelled, does so before the next job's turn.
            }
        }

        _passes.Exchange();
        foreach (ActiveJob member in _active.Where(member => member.IsBetweenTurns).ToArray())
        {
            Guard(member, () => member.Lane?.ThrowIfFailed());
        }

        _context.Metrics.NoteBatches(_passes.Passes, _passes.Batches);
    }

    private void Retire()
    {
        bool draining = IsDraining;
        foreach (ActiveJob member in _active.Where(member => !member.IsBetweenTurns && IsPointless(member)).ToArray())
        {
            Guard(member, () => GiveUp(member.Lane!));
        }

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

    // Called on the lane of the only running job, while the model thread waits for it.
    private bool IsWanted() => _context.Admission.HasNext || _drafts.IsAny || _active.Exists(IsPointless);

    private bool IsPointless(ActiveJob member) => member.Job.IsPointless(IsDraining);

    private static void GiveUp(JobLane lane)
    {
        var reason = new WorkGivenUpException();
        lane.Abandon(reason);
        try
        {
            lane.ThrowIfFailed();
        }
        catch (WorkGivenUpException given) when (given == reason)
        {
            // The job ends with its answer so far.
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
                using CallCorrelation correlation = member.Job.Correlate();
                _context.Logger.JobFailed(failure);
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
            _context.Logger.ReleaseFailed(thrown);
        }

        _context.Admission.Retire(member.Job);
        _backend.KeepReadings(_context.Admission.SpareBytes);
    }

    /// <summary>Unwinds a unit of work that is abandoned.</summary>
    private sealed class WorkGivenUpException : Exception;
}
