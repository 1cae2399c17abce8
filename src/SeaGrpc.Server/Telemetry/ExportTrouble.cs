using System.Diagnostics.Tracing;
using System.Globalization;

namespace SeaGrpc.Server.Telemetry;

/// <summary>Logs that spans cannot be sent, which OpenTelemetry tells nobody else: at once, and then once a minute at most.</summary>
internal sealed partial class ExportTrouble : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private const long Pause = 60_000;

    private readonly Uri _target;
    private readonly ILogger<ExportTrouble>? _logger;
    private long _next = long.MinValue;

    /// <summary>Listens from now on.</summary>
    /// <param name="target">Where spans are sent.</param>
    /// <param name="logger">Receives the trouble.</param>
    public ExportTrouble(Uri target, ILogger<ExportTrouble> logger)
    {
        _target = target;
        _logger = logger;
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter)
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        long next = Interlocked.Read(ref _next);
        long now = Environment.TickCount64;
        if (_logger is null || now < next || Interlocked.CompareExchange(ref _next, now + Pause, next) != next)
        {
            return;
        }

        string text = string.Format(CultureInfo.InvariantCulture, eventData.Message ?? string.Empty, [.. eventData.Payload ?? []]);
        LogTrouble(_logger, _target, CallerText.Shown(text.Split('\n')[0].Trim()));
    }

    [LoggerMessage(119, LogLevel.Warning, "Spans cannot be sent to {Target}: {Trouble}")]
    private static partial void LogTrouble(ILogger logger, Uri target, string trouble);
}
