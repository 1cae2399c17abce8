using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using SeaGrpc.Server.Contract;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Observability;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Telemetry;

/// <summary>The instruments of calls to the server's own services. Nothing is allocated where nobody listens.</summary>
internal sealed class CallMetrics
{
    private static readonly Dictionary<string, string> Names = AlignmentService.Descriptor.Methods
        .Concat(InfoService.Descriptor.Methods)
        .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}", method => method.Name);

    private readonly Counter<long> _calls;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstEvent;

    /// <summary>Creates the instruments.</summary>
    public CallMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(new MeterOptions(SeaTelemetry.Name));
        _calls = meter.CreateCounter<long>("seagrpc.calls", "{call}", "Calls that ended, also those that were refused.");
        _duration = meter.CreateHistogram(
            "seagrpc.call.duration", "s", "Time from a call's arrival to its end.", advice: MetricBuckets.Seconds);
        _firstEvent = meter.CreateHistogram(
            "seagrpc.time_to_first_event", "s", "Time from the arrival of a StreamAlign call to its first event.",
            advice: MetricBuckets.Seconds);
    }

    /// <summary>Whether somebody listens to the time of first events.</summary>
    public bool HasFirstEvents => _firstEvent.Enabled;

    /// <summary>Records a call that has ended.</summary>
    /// <param name="path">The RPC's path.</param>
    /// <param name="spec">The alignment that was asked for; null for other calls.</param>
    /// <param name="code">The status.</param>
    /// <param name="reason">The reason in the error's details; null if it was not an error.</param>
    /// <param name="duration">Time from its arrival.</param>
    public void Record(string path, AlignmentSpec? spec, StatusCode code, string? reason, TimeSpan duration)
    {
        if (!_calls.Enabled && !_duration.Enabled)
        {
            return;
        }

        var tags = new TagList { { "rpc", Names.GetValueOrDefault(path, "other") } };
        string? preset = null;
        if (spec is not null)
        {
            (string method, preset) = ContractMethod.NamesIn(spec);
            tags.Add("method", method);
        }

        _duration.Record(duration.TotalSeconds, tags);
        if (preset is not null)
        {
            tags.Add("preset", preset);
        }

        tags.Add("code", StatusNames.Of(code));
        if (reason is not null)
        {
            tags.Add("reason", reason);
        }

        _calls.Add(1, tags);
    }

    /// <summary>Records how long a stream's first event took.</summary>
    public void RecordFirstEvent(AlignmentSpec spec, TimeSpan elapsed) => _firstEvent.Record(
        elapsed.TotalSeconds, new KeyValuePair<string, object?>("method", ContractMethod.NamesIn(spec).Method));
}
