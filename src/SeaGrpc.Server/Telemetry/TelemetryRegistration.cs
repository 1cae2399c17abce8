using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Settings;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Telemetry;

/// <summary>Registers the page of metrics and the export of spans, each only where the settings ask for it.</summary>
internal static class TelemetryRegistration
{
    /// <summary>The path of the metrics.</summary>
    public const string Path = "/metrics";

    private const string ServiceName = "seagrpc";

    /// <summary>Adds them. Called once all settings are known.</summary>
    /// <param name="builder">The host's.</param>
    /// <param name="version">The server's version.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder, string version)
    {
        TelemetryOptions options = Options(builder.Configuration);
        if (HasMetrics(builder.Configuration))
        {
            builder.Services.AddSingleton<ProcessMetrics>();
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .ConfigureResource(resource => Describe(resource, version))
                .AddMeter(SeaTelemetry.Name)
                .AddPrometheusExporter(exporter =>
                {
                    exporter.ScopeInfoEnabled = false; // One meter: its name in every series tells nothing.
                    exporter.ScrapeResponseCacheDurationMilliseconds = 0;
                }));
            builder.Services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
            {
                // Another server in this process has instruments of the same names.
                var own = provider.GetRequiredService<IMeterFactory>();
                metrics.AddView(instrument => instrument.Meter.Scope == own ? null : MetricStreamConfiguration.Drop);
            });
        }

        if (OtlpTarget.Of(options, builder.Configuration) is { } target)
        {
            builder.Services.AddSingleton(provider => new ExportTrouble(target.Url, provider.GetRequiredService<ILogger<ExportTrouble>>()));
            builder.Services.AddOpenTelemetry().WithTracing(traces =>
            {
                traces
                    .ConfigureResource(resource => Describe(resource, version))
                    .AddSource(SeaTelemetry.Name)
                    .AddOtlpExporter(exporter =>
                    {
                        exporter.Endpoint = target.Url;
                        exporter.Protocol = target.Protocol;
                        exporter.Headers = target.Headers ?? exporter.Headers;
                    });
                if (options.TracesRatio < 1)
                {
                    traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TracesRatio)));
                }
            });
        }
    }

    /// <summary>Maps the page of metrics, and starts what tells of failed exports.</summary>
    public static void MapTelemetry(this WebApplication app)
    {
        if (HasMetrics(app.Configuration))
        {
            app.Services.GetRequiredService<ProcessMetrics>();
            app.MapPrometheusScrapingEndpoint(Path, meterProvider: null, page => page.Use(OnlyHttp1), optionsName: null);
        }

        app.Services.GetService<ExportTrouble>();
    }

    /// <summary>The port of gRPC, which may be open to callers, takes HTTP/2 alone.</summary>
    private static Task OnlyHttp1(HttpContext context, RequestDelegate next)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static bool HasMetrics(IConfiguration configuration) =>
        Options(configuration).Metrics && !OtlpTarget.IsDisabled(configuration)
        && configuration[$"{SettingsSection.Root}:Transport:{nameof(TransportOptions.Http)}"] != ListenAddress.None;

    private static TelemetryOptions Options(IConfiguration configuration) =>
        configuration.GetSection($"{SettingsSection.Root}:Telemetry").Get<TelemetryOptions>() ?? new TelemetryOptions();

    /// <summary>What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say counts more.</summary>
    private static void Describe(ResourceBuilder resource, string version) =>
        resource.AddService(ServiceName, serviceVersion: version).AddEnvironmentVariableDetector();
}
