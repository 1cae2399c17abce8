using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SeaGrpc.FunctionalTests.Telemetry.Otlp;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>A collector: a real Kestrel that takes spans by OTLP over gRPC and over HTTP.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    public string GrpcAddress => Addresses[0];

    public string HttpAddress => Addresses[1];

    /// <summary>Every span with the resource that it came from.</summary>
    public ConcurrentQueue<(Resource Resource, Span Span)> Taken { get; } = [];

    /// <summary>The header api-key of every export.</summary>
    public ConcurrentQueue<string?> Keys { get; } = [];

    private string[] Addresses => [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    public static async Task<Collector> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        Collector? collector = null;
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_ => new Service(collector!));
        WebApplication app = builder.Build();
        collector = new Collector(app);
        app.MapGrpcService<Service>();
        app.MapPost("/v1/traces", async (HttpContext context) =>
        {
            Assert.Equal("application/x-protobuf", context.Request.ContentType);
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            collector.Take(ExportTraceServiceRequest.Parser.ParseFrom(body.ToArray()), context.Request.Headers["api-key"]);
        });
        await app.StartAsync();
        return collector;
    }

    /// <summary>The spans of a trace, by name.</summary>
    public Dictionary<string, Span> Trace(string traceId) =>
        Taken.Select(one => one.Span).Where(span => Hex(span.TraceId) == traceId).ToDictionary(span => span.Name);

    public static string Hex(Google.Protobuf.ByteString id) => Convert.ToHexStringLower(id.Span);

    /// <summary>A span's attributes; lists as texts with commas.</summary>
    public static Dictionary<string, object> Attributes(IEnumerable<KeyValue> attributes) =>
        attributes.ToDictionary(one => one.Key, one => Value(one.Value));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static object Value(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue,
        AnyValue.ValueOneofCase.IntValue => value.IntValue,
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue,
        _ => string.Join(',', value.ArrayValue.Values.Select(Value)),
    };

    private void Take(ExportTraceServiceRequest request, string? key)
    {
        Keys.Enqueue(key);
        foreach (ResourceSpans spans in request.ResourceSpans)
        {
            foreach (Span span in spans.ScopeSpans.Where(scope => scope.Scope.Name == "SeaGrpc").SelectMany(scope => scope.Spans))
            {
                Taken.Enqueue((spans.Resource, span));
            }
        }
    }

    private sealed class Service(Collector collector) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            collector.Take(request, context.RequestHeaders.GetValue("api-key"));
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }
}
