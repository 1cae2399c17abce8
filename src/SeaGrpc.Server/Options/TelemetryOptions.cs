using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>What operators see of a server. Section <c>SeaGrpc:Telemetry</c>.</summary>
public sealed record TelemetryOptions
{
    /// <summary>
    /// Whether <c>/metrics</c> answers at <see cref="TransportOptions.Http"/> in Prometheus' text form; default true. Where there is no
    /// such address, nothing is measured.
    /// </summary>
    public bool Metrics { get; init; } = true;

    /// <summary>
    /// Address that spans are sent to by OTLP: <c>http://HOST:PORT</c> or <c>https://HOST:PORT</c>, also with a path; or <c>none</c>.
    /// Default that of OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT; without one, no spans are made.
    /// </summary>
    [TracesEndpoint]
    public string? TracesEndpoint { get; init; }

    /// <summary>
    /// How they are sent. Default that of OTEL_EXPORTER_OTLP_TRACES_PROTOCOL or OTEL_EXPORTER_OTLP_PROTOCOL, or else
    /// <see cref="TracesProtocol.Grpc"/>.
    /// </summary>
    [EnumDataType(typeof(TracesProtocol))]
    public TracesProtocol? TracesProtocol { get; init; }

    /// <summary>
    /// Share of the calls without a traceparent that are traced; 0 to 1, default 1. A traceparent decides for its own call.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TracesRatio { get; init; } = 1;
}
