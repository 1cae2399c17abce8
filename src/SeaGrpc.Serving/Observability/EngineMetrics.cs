using System.Diagnostics.Metrics;
using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Observability;

/// <summary>The engine's instruments, of the meter <c>SeaGrpc</c>. Times are in seconds.</summary>
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

    /// <summary>Over a factory's meter, or one of its own.</summary>
    /// <param name="running">Number of jobs on the device now.</param>
    /// <param name="waiting">Number of jobs in the queue now.</param>
    /// <param name="factory">Makes the meter, and ends it; null for one of its own.</param>
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

    /// <summary>One iteration of one job.</summary>
    public Histogram<double> IterationDuration { get; }

    /// <summary>From submission to start.</summary>
    public Histogram<double> QueueWait { get; }

    /// <summary>Passes per batch; 1 where there were none.</summary>
    public double PassesPerBatch => Volatile.Read(ref _batches) is > 0 and var batches ? (double)Volatile.Read(ref _passes) / batches : 1;

    /// <summary>How many passes have been done so far, and in how many batches.</summary>
    public void NoteBatches(long passes, long batches)
    {
        Volatile.Write(ref _passes, passes);
        Volatile.Write(ref _batches, batches);
    }

    /// <summary>An alignment has an answer.</summary>
    public void CountCompletion(StopReason reason) =>
        _completed.Add(1, new KeyValuePair<string, object?>("stop_reason", reason.ToString()));

    /// <summary>A job ended without one.</summary>
    public void CountFailure(Exception failure) =>
        _failed.Add(1, new KeyValuePair<string, object?>("error", failure.GetType().Name));

    /// <summary>Ends the meter, unless its factory does.</summary>
    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }
}
