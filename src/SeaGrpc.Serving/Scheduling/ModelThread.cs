using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// The thread that owns the models. Only it touches the models and their tensors, and the lanes of running jobs while it waits for them
/// (docs/decisions/0007). It (1) loads the backend, (2) runs the scheduler while there is work, (3) frees the remaining jobs, and (4)
/// disposes the backend.
/// </summary>
internal sealed class ModelThread
{
    private readonly Func<IAlignmentBackend> _load;
    private volatile IAlignmentBackend? _backend;
    private readonly EngineContext _context;
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelThread(Func<IAlignmentBackend> load, EngineContext context)
    {
        _load = load;
        _context = context;

        // A background thread: a run that hangs in native code must not keep the process alive.
        new Thread(Run) { Name = "sea-model", IsBackground = true }.Start();
    }

    /// <summary>Completes when the models are loaded. Fails with the exception that loading failed with.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Completes when the thread has ended; never fails.</summary>
    public Task Exited => _exited.Task;

    /// <summary>The loaded backend, for calls that are allowed on any thread.</summary>
    /// <exception cref="InvalidOperationException">The models are not loaded.</exception>
    public IAlignmentBackend Backend => _backend ?? throw new InvalidOperationException("The models are not loaded.");

    /// <summary>Bytes that are kept between jobs; 0 before the models are loaded.</summary>
    public long KeptBytes => _backend?.KeptBytes ?? 0;

    private void Run()
    {
        try
        {
            if (Load() is { } backend) // (1)
            {
                Serve(backend); // (2) (3)
                backend.Dispose(); // (4)
            }
        }
        catch (Exception thrown)
        {
            _context.Logger.ModelThreadFailed(thrown);
            FailAll(thrown);
        }
        finally
        {
            _exited.SetResult();
        }
    }

    private IAlignmentBackend? Load()
    {
        try
        {
            IAlignmentBackend backend = _load();
            _backend = backend;
            _context.Admission.Open(
                _context.Options.MemoryBudgetMiB > 0 ? _context.Options.MemoryBudgetMiB * 1048576L : backend.MemoryShare);
            _loaded.SetResult();
            return backend;
        }
        catch (Exception thrown)
        {
            _context.Logger.LoadFailed(thrown);
            FailAll(thrown);
            _loaded.SetException(thrown);
            _ = _loaded.Task.Exception; // The log has the failure; the task need not be awaited.
            return null;
        }
    }

    private void Serve(IAlignmentBackend backend)
    {
        using var scheduler = new Scheduler(backend, _context);
        try
        {
            while (_context.Admission.WaitForWork())
            {
                scheduler.Turn();
            }
        }
        catch (DeviceLostException lost)
        {
            _context.Logger.DeviceLost(lost);
            FailAll(lost);
        }
        finally
        {
            scheduler.ReleaseAll(new EngineUnavailableException(_context.Admission.State));
        }
    }

    private void FailAll(Exception cause)
    {
        var failure = new EngineUnavailableException(EngineState.Failed, cause);
        (IReadOnlyList<ScheduledJob> waiting, IReadOnlyList<ScheduledJob> running) = _context.Admission.Close(EngineState.Failed);
        foreach (ScheduledJob job in waiting.Concat(running))
        {
            job.TryFail(failure);
        }
    }
}
