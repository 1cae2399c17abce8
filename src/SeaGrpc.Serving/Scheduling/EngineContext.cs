using Microsoft.Extensions.Logging;
using SeaGrpc.Serving.Observability;
using SeaGrpc.Serving.Requests;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>What an engine, its model thread and its jobs share.</summary>
internal sealed record EngineContext(
    EngineOptions Options,
    TimeProvider Time,
    Admission Admission,
    RequestRegistry Requests,
    RunTimes RunTimes,
    ReadingPace ReadingPace,
    RecentFigures FirstAnswerSeconds,
    EngineMetrics Metrics,
    ILogger Logger);
