using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using SeaGrpc.Serving;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>The spans of the calls of one trace while they are made. It records no others.</summary>
internal sealed class LiveTrace : IDisposable
{
    private readonly ActivityTraceId _id = ActivityTraceId.CreateRandom();
    private readonly ConcurrentQueue<Activity> _started = [];
    private readonly ActivityListener _listener;

    public LiveTrace()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SeaTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == _id ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStarted = _started.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Metadata of a call that belongs to it.</summary>
    public Metadata Headers => new() { { "traceparent", $"00-{_id}-{ActivitySpanId.CreateRandom()}-01" } };

    /// <summary>Whether a span has an event, however far it is.</summary>
    public bool HasEvent(string span, string name) =>
        _started.Any(one => one.OperationName == span && one.Events.Any(happened => happened.Name == name));

    public void Dispose() => _listener.Dispose();
}
