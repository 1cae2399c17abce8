using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using OpenTelemetry.Trace;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.FunctionalTests.Telemetry.Otlp;
using SeaGrpc.Testing.Runs;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>Spans of real calls, as a collector gets them.</summary>
public sealed class TracesTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Caller = "00f067aa0ba902b7";
    private const string Sampled = $"00-{Trace}-{Caller}-01";

    [Fact]
    public async Task A_call_continues_its_callers_trace_and_each_phase_is_a_child()
    {
        await using Collector collector = await Collector.StartAsync();
        await using (RunningServer server = await RunningServer.StartAsync(
            _ => new ScriptedRun { DecodeSteps = 2 }, $"Telemetry:TracesEndpoint={collector.GrpcAddress}"))
        {
            AlignmentSpec spec = Specs.Sea();
            spec.RequestId = "order-4711";
            await server.StreamAsync(spec, With(("traceparent", Sampled), ("tracestate", "vendor=1")));
        }

        Dictionary<string, Span> spans = collector.Trace(Trace);
        Assert.Equal(
            ["draft", "finish", "iterations", "queue", "sea.v1.AlignmentService/StreamAlign", "tokenize"],
            spans.Keys.Order(StringComparer.Ordinal));
        Span call = spans["sea.v1.AlignmentService/StreamAlign"];
        Assert.Equal(Caller, Collector.Hex(call.ParentSpanId));
        Assert.Equal("vendor=1", call.TraceState);
        Assert.Equal(Span.Types.SpanKind.Server, call.Kind);
        Span[] phases = [spans["tokenize"], spans["queue"], spans["draft"], spans["iterations"], spans["finish"]];
        Assert.All(phases, phase => Assert.Equal(call.SpanId, phase.ParentSpanId));
        Assert.Equal(phases.OrderBy(phase => phase.StartTimeUnixNano), phases);
        Assert.All(phases, phase => Assert.InRange(phase.StartTimeUnixNano, call.StartTimeUnixNano, phase.EndTimeUnixNano));

        Span.Types.Event[] improvements = [.. spans["iterations"].Events];
        Assert.All(improvements, one => Assert.Equal("improvement", one.Name));
        Assert.Equal([-1.0, -2.0, -3.0], improvements.Select(one => Collector.Attributes(one.Attributes)["seagrpc.energy"]));
        Assert.Equal(3L, Collector.Attributes(spans["iterations"].Attributes)["seagrpc.iterations"]);

        Dictionary<string, object> told = Collector.Attributes(call.Attributes);
        Assert.Equal("grpc", told["rpc.system.name"]);
        Assert.Equal("sea.v1.AlignmentService/StreamAlign", told["rpc.method"]);
        Assert.Equal("OK", told["rpc.response.status_code"]);
        Assert.Equal("text_completion", told["gen_ai.operation.name"]);
        Assert.Equal("seagrpc", told["gen_ai.provider.name"]);
        Assert.Equal("policy", told["gen_ai.request.model"]);
        Assert.Equal(8L, told["gen_ai.request.max_tokens"]);
        Assert.Equal(7L, told["gen_ai.request.seed"]);
        Assert.Equal(1.0, told["gen_ai.request.temperature"]);
        Assert.True((long)told["gen_ai.usage.input_tokens"] > 0);
        Assert.Equal(1L, told["gen_ai.usage.output_tokens"]);
        Assert.Equal("stop", told["gen_ai.response.finish_reasons"]);
        Assert.Equal(("sea", "default"), (told["seagrpc.method"], told["seagrpc.preset"]));
        Assert.Equal((0.0, -3.0), (told["seagrpc.energy.draft"], told["seagrpc.energy.answer"]));
        Assert.Equal("order-4711", told["seagrpc.request_id"]);
        Assert.DoesNotContain(collector.Taken, one => one.Span.ToString().Contains("How are you?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_batch_has_a_span_for_each_of_its_specs_with_the_phases_beneath()
    {
        await using Collector collector = await Collector.StartAsync();
        List<AlignBatchResponse> results = [];
        await using (RunningServer server = await RunningServer.StartAsync(
            _ => new ScriptedRun { DecodeSteps = 2 }, $"Telemetry:TracesEndpoint={collector.GrpcAddress}"))
        {
            AlignmentSpec wrong = Specs.Sea();
            wrong.Sea.Chains = 0;
            using AsyncServerStreamingCall<AlignBatchResponse> call = server.Alignment.AlignBatch(
                new AlignBatchRequest { Specs = { Specs.Sea(), wrong, Specs.Sea() } }, With(("traceparent", Sampled)));
            await foreach (AlignBatchResponse result in call.ResponseStream.ReadAllAsync())
            {
                results.Add(result);
            }
        }

        Span[] spans = [.. collector.Taken.Select(one => one.Span).Where(span => Collector.Hex(span.TraceId) == Trace)];
        Span batch = Assert.Single(spans, span => span.Name == "sea.v1.AlignmentService/AlignBatch");
        Assert.Equal(Caller, Collector.Hex(batch.ParentSpanId));
        Span[] own = [.. spans.Where(span => span.ParentSpanId == batch.SpanId)];
        Assert.All(own, span => Assert.Equal("alignment", span.Name));
        Dictionary<long, Span> byIndex = own.ToDictionary(span => (long)Collector.Attributes(span.Attributes)["seagrpc.batch.index"]);
        Assert.Equal([0, 1, 2], byIndex.Keys.Order());
        Assert.Equal(1 + 3 + (2 * 5), spans.Length);
        foreach (AlignBatchResponse result in results)
        {
            Span span = byIndex[result.Index];
            Dictionary<string, object> told = Collector.Attributes(span.Attributes);
            string[] phases = [.. spans.Where(one => one.ParentSpanId == span.SpanId).Select(one => one.Name).Order()];
            Assert.Equal("sea", told["seagrpc.method"]);
            if (result.Error is { } error)
            {
                Assert.Empty(phases);
                Assert.Equal(error.Reason, told["error.type"]);
                Assert.NotEqual(Otlp.Status.Types.StatusCode.Error, span.Status?.Code ?? default); // The caller's mistake.
            }
            else
            {
                Assert.Equal(["draft", "finish", "iterations", "queue", "tokenize"], phases);
                Assert.Equal(result.Alignment.Started.AlignmentId, told["gen_ai.response.id"]);
                Assert.Equal((0.0, -3.0), (told["seagrpc.energy.draft"], told["seagrpc.energy.answer"]));
            }
        }
    }

    [Fact]
    public async Task A_caller_decides_whether_its_trace_is_recorded_and_one_that_is_none_begins_a_new_one()
    {
        string forged;
        await using Collector collector = await Collector.StartAsync();
        await using (RunningServer server = await RunningServer.StartAsync(
            _ => new ScriptedRun(), $"Telemetry:TracesEndpoint={collector.HttpAddress}", "Telemetry:TracesProtocol=HttpProtobuf"))
        {
            await server.AlignAsync(Specs.Sea(), With(("traceparent", $"00-{Trace}-{Caller}-00")));
            AlignmentSpec chat = Specs.Sea();
            chat.Prompt = Specs.Chat((Role.User, "Hello"));
            forged = (await server.AlignAsync(chat, With(("traceparent", "\"forged\"")))).Started.AlignmentId;
            await Failures.OfAsync(() => server.AlignAsync(new AlignmentSpec(), With(("traceparent", $"00-{Caller}{Caller}-{Caller}-01"))));
            await server.Alignment.ScoreAsync(
                new ScoreRequest { Pairs = { new ScorePair { Prompt = Specs.Text("Hello"), Response = Specs.Response("a") } } },
                With(("traceparent", $"00-{Caller}{Trace[..16]}-{Caller}-01")));
        }

        Assert.Empty(collector.Trace(Trace));
        // Servers of other tests are in this process, too.
        Span own = Assert.Single(
            collector.Taken,
            one => Collector.Attributes(one.Span.Attributes) is var told && told.ContainsValue("chat") && told.ContainsValue(forged)).Span;
        Assert.True(own.ParentSpanId.IsEmpty);
        Span refused = Assert.Single(collector.Trace(Caller + Caller)).Value;
        Assert.Equal("REQUIRED", Collector.Attributes(refused.Attributes)["error.type"]);
        Assert.Equal("INVALID_ARGUMENT", Collector.Attributes(refused.Attributes)["rpc.response.status_code"]);
        Assert.NotEqual(Otlp.Status.Types.StatusCode.Error, refused.Status?.Code ?? default); // The caller's mistake, not the server's.
        Assert.Equal(
            ["queue", "score", "sea.v1.AlignmentService/Score", "tokenize"],
            collector.Trace(Caller + Trace[..16]).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Standard_variables_apply_and_json_lines_have_the_ids()
    {
        await using Collector collector = await Collector.StartAsync();
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(
            folders, ["--Logging:Console:FormatterName=json"],
            new()
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.HttpAddress,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = "api-key=open-sesame",
                ["OTEL_SERVICE_NAME"] = "mine",
            });
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        AlignResponse response = await new AlignmentService.AlignmentServiceClient(channel).AlignAsync(
            new AlignRequest { Spec = Specs.Sea() }, With(("traceparent", Sampled)));
        JsonElement line = JsonDocument.Parse(await process.LineAsync("AlignmentService/Align OK")).RootElement;
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());

        Span call = collector.Trace(Trace)["sea.v1.AlignmentService/Align"];
        Assert.Contains("open-sesame", collector.Keys);
        Assert.Equal("mine", Collector.Attributes(collector.Taken.First(one => one.Span == call).Resource.Attributes)["service.name"]);
        Assert.Equal(response.Started.AlignmentId, Collector.Attributes(call.Attributes)["gen_ai.response.id"]);
        JsonElement state = line.GetProperty("State");
        Assert.Equal(Trace, state.GetProperty("TraceId").GetString());
        Assert.Equal(Collector.Hex(call.SpanId), state.GetProperty("SpanId").GetString());
        Assert.Contains(
            line.GetProperty("Scopes").EnumerateArray(),
            scope => scope.ValueKind == JsonValueKind.Object && scope.TryGetProperty("TraceId", out JsonElement id)
                && id.GetString() == Trace);
    }

    [Fact]
    public async Task Without_an_address_nothing_exports_and_lines_have_the_callers_trace_all_the_same()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        await new InfoService.InfoServiceClient(channel).GetServerInfoAsync(new(), With(("traceparent", Sampled)));
        Assert.Contains($"trace {Trace}, span ", await process.LineAsync("InfoService/GetServerInfo OK"));
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());

        await using RunningServer server = await RunningServer.StartAsync(null, "Transport:Http=none");
        Assert.Null(server.Service<TracerProvider>());
        Assert.Null(server.Service<OpenTelemetry.Metrics.MeterProvider>());
    }

    [Fact]
    public async Task A_collector_that_is_not_there_delays_no_call_and_is_told_in_the_log()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(
            folders, ["Telemetry:TracesEndpoint=http://127.0.0.1:1"], new() { ["OTEL_BSP_SCHEDULE_DELAY"] = "100" });
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        await new InfoService.InfoServiceClient(channel).GetServerInfoAsync(new());
        await process.LineAsync("Spans cannot be sent to http://127.0.0.1:1/: ");
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
    }

    private static CallOptions With(params (string Name, string Value)[] headers)
    {
        var metadata = new Metadata();
        foreach ((string name, string value) in headers)
        {
            metadata.Add(name, value);
        }

        return new CallOptions(metadata);
    }
}
