using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SeaGrpc.Serving.Observability;

/// <summary>
/// The gauges of all engines that share a meter: each instrument exists once, and tells of the engines that live. Thread-safe.
/// </summary>
/// <remarks>An observable instrument cannot be taken out of its meter, and engines come and go while a server runs.</remarks>
internal sealed class GaugeSources
{
    private static readonly ConditionalWeakTable<Meter, GaugeSources> All = [];

    private readonly Lock _gate = new();
    private readonly List<Source> _sources = [];

    private GaugeSources(Meter meter)
    {
        meter.CreateObservableUpDownCounter("seagrpc.jobs.active", () => Sum(of => of.Running()), "{job}", "Jobs on the device.");
        meter.CreateObservableUpDownCounter(
            "seagrpc.jobs.queued", () => Sum(of => of.Waiting()), "{job}", "Jobs that wait for the device.");
        meter.CreateObservableGauge(
            "seagrpc.jobs.active.limit", () => Most(of => of.MostRunning), "{job}", "Most jobs on the device at once.");
        meter.CreateObservableGauge("seagrpc.jobs.queued.limit", () => Most(of => of.MostWaiting), "{job}", "Most jobs that may wait.");
        meter.CreateObservableGauge(
            "seagrpc.memory.budget", () => Most(of => of.MemoryBudget()), "By",
            "Memory that the running jobs may need together, without the weights.");
        meter.CreateObservableGauge(
            "seagrpc.memory.reserved", () => Sum(of => of.MemoryReserved()), "By",
            "Memory that the running jobs need together, estimated from shapes.");
        meter.CreateObservableGauge(
            "seagrpc.memory.kept", () => Sum(of => of.MemoryKept()), "By", "Memory of what is kept for other jobs of the same prompt.");
    }

    /// <summary>The gauges of a meter.</summary>
    public static GaugeSources Of(Meter meter) => All.GetValue(meter, own => new GaugeSources(own));

    /// <summary>Adds an engine.</summary>
    /// <param name="gauges">What it reads.</param>
    /// <param name="tag">Its label; null for none.</param>
    /// <returns>Disposing it takes the engine out.</returns>
    public IDisposable Add(EngineGauges gauges, Tag? tag)
    {
        var source = new Source(this, gauges, tag);
        lock (_gate)
        {
            _sources.Add(source);
        }

        return source;
    }

    /// <summary>Of two engines with the same label, one of which ends, both count.</summary>
    private IEnumerable<Measurement<long>> Sum(Func<EngineGauges, long> read) => Read(read, values => values.Sum());

    private IEnumerable<Measurement<long>> Most(Func<EngineGauges, long> read) => Read(read, values => values.Max());

    private IEnumerable<Measurement<long>> Read(Func<EngineGauges, long> read, Func<IEnumerable<long>, long> join)
    {
        Source[] sources;
        lock (_gate)
        {
            sources = [.. _sources];
        }

        return sources.GroupBy(source => source.Label).Select(group =>
        {
            Tag[] tags = group.Key is { } tag ? [tag] : [];
            return new Measurement<long>(join(group.Select(source => read(source.Gauges))), tags);
        });
    }

    private sealed class Source(GaugeSources owner, EngineGauges gauges, Tag? tag) : IDisposable
    {
        public EngineGauges Gauges => gauges;

        public Tag? Label => tag;

        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._sources.Remove(this);
            }
        }
    }
}
