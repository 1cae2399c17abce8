using System.Diagnostics.Metrics;
using System.Net;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>The page that Prometheus scrapes.</summary>
[Collection(BusyServerTests.Name)]
public sealed class MetricsTests(BusyServer busy)
{
    [Fact]
    public void The_page_has_the_metrics_of_the_table_and_no_others()
    {
        Assert.Equal(
            MetricsTable.Metrics.Select(metric => (metric.Key, metric.Value.Type)).Order(),
            busy.Page.Types.Select(metric => (metric.Key, metric.Value)).Order());
        foreach ((string name, (_, string[] labels)) in MetricsTable.Metrics)
        {
            string[] served = [.. busy.Page.Labels(name)];
            Assert.True(
                name == "target_info" ? labels.All(served.Contains) : labels.ToHashSet().SetEquals(served),
                $"{name} has the labels {string.Join(", ", served)}.");
        }
    }

    [Fact]
    public async Task Prometheus_own_checker_finds_nothing_wrong() =>
        Assert.Equal(string.Empty, await PrometheusPrograms.PromtoolAsync(busy.Page.Text, "check", "metrics"));

    [Fact]
    public async Task Calls_are_counted_by_what_was_asked_and_how_it_ended()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec langevin = Specs.Sea(iterations: 2);
        langevin.Sea.Sampler = SeaSampler.Langevin;
        List<StreamAlignResponse> events = await server.StreamAsync(langevin);
        await Assert.ThrowsAsync<RpcException>(() => server.AlignAsync(new AlignmentSpec()));
        AlignmentSpec nonsense = Specs.Sea();
        nonsense.Sea.Preset = (SeaPreset)77;
        await Assert.ThrowsAsync<RpcException>(() => server.AlignAsync(nonsense));
        using var http = new HttpClient();
        var page = new MetricsPage(await http.GetStringAsync($"{server.HttpAddress}/metrics"));

        Assert.Equal(3, page.Sum("seagrpc_calls_total"));
        Assert.Equal(
            1, page.Sum("seagrpc_calls_total", ("rpc", "StreamAlign"), ("method", "sea"), ("preset", "langevin"), ("code", "OK")));
        Assert.Equal(
            1, page.Sum(
                "seagrpc_calls_total",
                ("rpc", "Align"), ("method", "energy_search"), ("code", "INVALID_ARGUMENT"), ("reason", "REQUIRED")));
        Assert.Equal(1, page.Sum("seagrpc_calls_total", ("preset", "default"), ("reason", "INVALID_VALUE")));
        Assert.Equal(1, page.Sum("seagrpc_time_to_first_event_seconds_count"));
        AlignmentFinal final = events[^1].Final;
        double Tokens(string model) => page.Sum("seagrpc_tokens_total", ("model", model), ("method", "sea"));
        Assert.True(Tokens("policy") >= final.Cost.PolicyTokens && Tokens("reward") >= final.Cost.RewardTokens); // The start's, too.
        Assert.True(page.Sum("seagrpc_tokens_total", ("pass", "backward")) > 0);
        Assert.Equal(2, page.Sum("seagrpc_queue_wait_seconds_count"));
        Assert.Equal(3, page.Sum("seagrpc_alignment_iterations_sum"));
        Assert.Equal(3, page.Sum("seagrpc_iteration_duration_seconds_count"));
        Assert.Equal(1, page.Sum("seagrpc_ready"));
    }

    [Fact]
    public void The_memory_of_each_device_is_told_with_how_much_of_it_is_taken()
    {
        double used = busy.Page.Sum("seagrpc_device_memory_used_bytes", ("device", "cpu"));
        double total = busy.Page.Sum("seagrpc_device_memory_total_bytes", ("device", "cpu"));
        Assert.InRange(used, 1, total);
        Assert.Equal(busy.Page.Sum("process_memory_limit_bytes"), total);
        Assert.InRange(used, 0.5 * busy.Page.Sum("process_resident_memory_bytes"), 2 * busy.Page.Sum("process_resident_memory_bytes"));
    }

    [Fact]
    public async Task Another_server_in_the_process_counts_for_itself()
    {
        await using RunningServer other = await RunningServer.StartAsync();
        using var http = new HttpClient();
        var page = new MetricsPage(await http.GetStringAsync($"{other.HttpAddress}/metrics"));
        Assert.Equal(0, page.Sum("seagrpc_calls_total"));
        Assert.Equal(1, page.Sum("seagrpc_jobs_completed_total"));
    }

    [Fact]
    public void Nothing_is_allocated_where_nobody_listens()
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new CallMetrics(services.GetRequiredService<IMeterFactory>());
        AlignmentSpec spec = Specs.Sea();
        void Record()
        {
            metrics.Record("/sea.v1.AlignmentService/Align", spec, StatusCode.OK, null, TimeSpan.FromSeconds(1));
            Assert.False(metrics.HasFirstEvents);
        }

        Record();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int times = 0; times < 1000; times++)
        {
            Record();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>As Prometheus 3 asks.</summary>
    [Theory]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4")]
    [InlineData("text/plain;version=0.0.4")]
    public async Task Every_form_has_the_same_names(string accepted)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{busy.Server.HttpAddress}/metrics");
        Assert.True(request.Headers.TryAddWithoutValidation("Accept", accepted));
        using HttpResponseMessage response = await http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\nseagrpc_calls_total{", text);
        Assert.Contains("\nseagrpc_queue_wait_seconds_bucket{", text);
        Assert.Equal(accepted.Split(';')[0], response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_address_of_gRPC_has_no_page_nor_has_a_server_that_is_told_so()
    {
        using var http = new HttpClient
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"{busy.Server.Address}/metrics")).StatusCode);
        await using RunningServer silent = await RunningServer.StartAsync(null, "Telemetry:Metrics=false");
        using var one = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await one.GetAsync($"{silent.HttpAddress}/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await one.GetAsync($"{silent.HttpAddress}/healthz/ready")).StatusCode);
    }
}
