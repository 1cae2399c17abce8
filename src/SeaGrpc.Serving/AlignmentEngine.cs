using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Observability;
using SeaGrpc.Serving.Requests;
using SeaGrpc.Serving.Scheduling;

namespace SeaGrpc.Serving;

/// <summary>
/// Runs alignments: several at once, with their model passes in common batches; the others wait in a bounded queue. For each request,
/// <see cref="Reserve"/> a slot, prepare the request, <see cref="JobSlot.Submit"/> it and read the job's updates. Thread-safe.
/// </summary>
public sealed class AlignmentEngine : IAsyncDisposable
{
    private static readonly TimeSpan ThreadExitPatience = TimeSpan.FromSeconds(2);

    private readonly EngineContext _context;
    private readonly ModelThread _thread;
    private readonly Lock _drainGate = new();
    private Task<bool>? _drain;

    /// <summary>Starts the model thread, which loads the models. <see cref="Loaded"/> completes when they are loaded.</summary>
    /// <param name="load">
    /// Called once, on the model thread. The backend it returns is used by one thread at a time and disposed on the model thread.
    /// </param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="time">Clock; null for the system clock.</param>
    /// <param name="logger">Log; null for none.</param>
    /// <param name="meters">Creates the meter <c>SeaGrpc</c>; null for a meter that the engine owns.</param>
    /// <param name="pair">Label <c>pair</c> of its metrics, where several engines share a meter; null for none.</param>
    /// <exception cref="ValidationException">A setting is out of range.</exception>
    public AlignmentEngine(
        Func<IAlignmentBackend> load,
        EngineOptions? options = null,
        TimeProvider? time = null,
        ILogger<AlignmentEngine>? logger = null,
        IMeterFactory? meters = null,
        string? pair = null)
    {
        ArgumentNullException.ThrowIfNull(load);
        Options = options ?? new EngineOptions();
        Validator.ValidateObject(Options, new ValidationContext(Options), validateAllProperties: true);
        TimeProvider clock = time ?? TimeProvider.System;
        var runTimes = new RunTimes(Options.MaxConcurrentJobs);
        var admission = new Admission(Options.MaxConcurrentJobs, Options.MaxQueuedJobs, () => runTimes.RetryAfter);
        _context = new EngineContext(
            Options,
            clock,
            admission,
            new RequestRegistry(new ReplayCache(Options.ReplayCapacity, Options.ReplayLifetime, clock)),
            runTimes,
            new ReadingPace(clock),
            new RecentFigures(clock),
            new EngineMetrics(Gauges(admission), Options, meters, pair),
            logger ?? NullLogger<AlignmentEngine>.Instance);
        _thread = new ModelThread(load, _context);
    }

    /// <summary>The settings in use.</summary>
    public EngineOptions Options { get; }

    /// <summary>What the engine is doing.</summary>
    public EngineState State => _context.Admission.State;

    /// <summary>
    /// Completes when the models are loaded and requests are admitted. Fails with the exception that loading failed with.
    /// </summary>
    public Task Loaded => _thread.Loaded;

    /// <summary>
    /// Whether the model thread has ended. <see cref="DisposeAsync"/> ends it, unless it stays in native code for longer than the dispose
    /// waits.
    /// </summary>
    public bool HasEnded => _thread.Exited.IsCompleted;

    /// <summary>
    /// Maximum memory that the running jobs may need together, in bytes, without the weights. Known once the models are loaded.
    /// </summary>
    public long MemoryBudgetBytes => _context.Admission.MemoryBytes;

    /// <summary>Jobs on the device.</summary>
    public int RunningJobs => _context.Admission.RunningCount;

    /// <summary>Jobs in the queue.</summary>
    public int QueuedJobs => _context.Admission.WaitingCount;

    /// <summary>Model passes per batch so far, counted while several jobs ran; 1 if no batch was shared.</summary>
    public double PassesPerBatch => _context.Metrics.PassesPerBatch;

    /// <summary>Takes a slot before any costly work is done for the request. Always dispose the slot.</summary>
    /// <param name="key">
    /// Identifies the request across its caller's retries, or null. If that request has finished, the slot holds its replay.
    /// </param>
    /// <param name="caller">
    /// Identifies the caller. Keys and alignments belong to their caller and are invisible to others. All callers without a name share the
    /// empty string.
    /// </param>
    /// <exception cref="QueueFullException">No slot is free.</exception>
    /// <exception cref="EngineUnavailableException">The engine is not ready.</exception>
    /// <exception cref="DuplicateRequestException">A request with this key is in flight.</exception>
    /// <exception cref="RequestIdReusedException">The id is already used by a different request.</exception>
    public JobSlot Reserve(RequestKey? key = null, string caller = "")
    {
        ArgumentNullException.ThrowIfNull(caller);
        var origin = new RequestOrigin(caller, key);
        if (key is not null && origin.Name is { } name && _context.Requests.Claim(name, key) is { } before)
        {
            return new JobSlot(_context, _thread, origin, before.Replay());
        }

        try
        {
            return _context.Admission.TryReserve()
                ? new JobSlot(_context, _thread, origin)
                : throw new QueueFullException(_context.Admission.Capacity, _context.RunTimes.RetryAfter);
        }
        catch
        {
            _context.Requests.Forget(null, origin);
            throw;
        }
    }

    /// <summary>Cancels a caller's alignment by its <see cref="AlignmentJob.Id"/>, like <see cref="AlignmentJob.Cancel"/>.</summary>
    /// <param name="alignmentId">The alignment's id, not a request id.</param>
    /// <param name="caller">The caller. The alignments of other callers are not found.</param>
    public CancelResult CancelAlignment(string alignmentId, string caller = "") => _context.Requests.Cancel(alignmentId, caller);

    /// <summary>Cancels a caller's request by its <see cref="RequestKey.Id"/>, like <see cref="AlignmentJob.Cancel"/>.</summary>
    /// <param name="requestId">The request's id, not an alignment id.</param>
    /// <param name="caller">The caller. The requests of other callers are not found.</param>
    public CancelResult CancelRequest(string requestId, string caller = "") => _context.Requests.Cancel(new RequestName(caller, requestId));

    /// <summary>
    /// Shuts down. (1) Nothing more is admitted. (2) Waiting jobs end with their caller's draft and <see cref="StopReason.Draining"/>, or
    /// with <see cref="EngineUnavailableException"/> if they have no draft. (3) Running jobs end with their best response so far, as soon
    /// as one is scored. (4) Jobs that still run at the end of the budget end like the waiting ones, even if one hangs on the device. A
    /// second call joins the first.
    /// </summary>
    /// <param name="budget">How long the running jobs may take; at least 0.</param>
    /// <returns>Whether all running jobs ended within the budget.</returns>
    public Task<bool> DrainAsync(TimeSpan budget)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, TimeSpan.Zero);
        lock (_drainGate)
        {
            return _drain ??= DrainOnceAsync(budget);
        }
    }

    /// <summary>Drains within <see cref="EngineOptions.DrainBudget"/>, ends the model thread and disposes the backend there.</summary>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync(Options.DrainBudget).ConfigureAwait(false);
        _context.Admission.Close(EngineState.Stopped);
        try
        {
            await _thread.Exited.WaitAsync(ThreadExitPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _context.Logger.ModelThreadHangs();
        }

        _context.Metrics.Dispose();
    }

    private EngineGauges Gauges(Admission admission) => new()
    {
        Running = () => admission.RunningCount,
        Waiting = () => admission.WaitingCount,
        MemoryBudget = () => admission.MemoryBytes,
        MemoryReserved = () => admission.ReservedBytes,
        MemoryKept = () => _thread?.KeptBytes ?? 0,
    };

    private async Task<bool> DrainOnceAsync(TimeSpan budget)
    {
        (IReadOnlyList<ScheduledJob> waiting, IReadOnlyList<ScheduledJob> running) =
            _context.Admission.Close(EngineState.Draining); // (1)
        if (waiting.Count + running.Count > 0)
        {
            _context.Logger.Draining(waiting.Count, running.Count, budget);
        }

        foreach (ScheduledJob job in waiting) // (2)
        {
            job.TryDrop(StopReason.Draining, new EngineUnavailableException(EngineState.Draining));
        }

        try
        {
            await Task.WhenAll(running.Select(job => job.Ended)).WaitAsync(budget, _context.Time).ConfigureAwait(false); // (3)
            return true;
        }
        catch (TimeoutException)
        {
            int cut = running.Count(job => job.TryCut(StopReason.Draining, new EngineUnavailableException(EngineState.Draining))); // (4)
            _context.Logger.DrainBudgetOver(cut);
            return cut == 0;
        }
    }
}
