using System.Diagnostics.Metrics;
using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Observability;

/// <summary>The engine's instruments in the meter <c>SeaGrpc</c>. Times are in seconds.</summary>
internal sealed class EngineMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "SeaGrpc";

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _failed;

    private long _passes;
    private long _batches;

    /// <summary>Creates the instruments in a factory's meter, or in one that the instance owns.</summary>
    /// <param name="running">Returns the number of jobs on the device.</param>
    /// <param name="waiting">Returns the number of jobs in the queue.</param>
    /// <param name="factory">Creates and disposes the meter; null for a meter that this instance owns.</param>
    public EngineMetrics(Func<int> running, Func<int> waiting, IMeterFactory? factory)
    {
        _ownsMeter = factory is null;
        _meter = factory?.Create(new MeterOptions(MeterName)) ?? new Meter(MeterName);
        _meter.CreateObservableUpDownCounter("seagrpc.jobs.active", running, "{job}", "Jobs on the device.");
        _meter.CreateObservableUpDownCounter("seagrpc.jobs.queued", waiting, "{job}", "Waiting jobs.");
        _meter.CreateObservableCounter(
            "seagrpc.passes", () => Volatile.Read(ref _passes), "{pass}", "Model passes requested while several jobs ran.");
        _meter.CreateObservableCounter("seagrpc.batches", () => Volatile.Read(ref _batches), "{batch}", "Batches that ran these passes.");
        _completed = _meter.CreateCounter<long>("seagrpc.jobs.completed", "{job}", "Alignments with an answer, by stop_reason.");
        _failed = _meter.CreateCounter<long>("seagrpc.jobs.failed", "{job}", "Jobs without an answer, by error.");
        IterationDuration = _meter.CreateHistogram<double>("seagrpc.iteration.duration", "s", "One iteration of one job.");
        QueueWait = _meter.CreateHistogram<double>("seagrpc.queue.wait", "s", "Wait of the jobs that started.");
    }

    /// <summary>Duration of one iteration of one job.</summary>
    public Histogram<double> IterationDuration { get; }

    /// <summary>Time from submission to start.</summary>
    public Histogram<double> QueueWait { get; }

    /// <summary>Passes per batch; 1 if there were none.</summary>
    public double PassesPerBatch => Volatile.Read(ref _batches) is > 0 and var batches ? (double)Volatile.Read(ref _passes) / batches : 1;

    /// <summary>Records the number of passes so far and of the batches that they ran in.</summary>
    public void NoteBatches(long passes, long batches)
    {
        Volatile.Write(ref _passes, passes);
        Volatile.Write(ref _batches, batches);
    }

    /// <summary>Counts an alignment that ended with an answer.</summary>
    public void CountCompletion(StopReason reason) =>
        _completed.Add(1, new KeyValuePair<string, object?>("stop_reason", reason.ToString()));

    /// <summary>Counts a job that ended without an answer.</summary>
    public void CountFailure(Exception failure) =>
        _failed.Add(1, new KeyValuePair<string, object?>("error", failure.GetType().Name));

    /// <summary>Disposes the meter, unless a factory owns it.</summary>
    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }
}
