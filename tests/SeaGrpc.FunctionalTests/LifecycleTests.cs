using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Models;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Testing.Runs;
using SeaGrpc.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.FunctionalTests;

public sealed class LifecycleTests
{
    public static TheoryData<string> HealthNames => ["", "sea.v1.AlignmentService", "sea.v1.InfoService"];

    [Fact]
    public async Task Nothing_is_answered_before_a_real_alignment_has_run()
    {
        using var gate = new Gate();
        await using RunningServer server = await RunningServer.ListenAsync(_ =>
        {
            gate.Pass();
            return null;
        });
        await gate.ArrivalAsync(); // The warm-up stands before its start: the models are loaded.

        Assert.All(
            [
                await Failures.OfAsync(() => server.AlignAsync(Specs.Sea())),
                await Failures.OfAsync(() => server.StreamAsync(Specs.Sea())),
                await Failures.OfAsync(async () => await server.Info.GetServerInfoAsync(new())),
            ],
            failure =>
            {
                failure.AssertIs(StatusCode.Unavailable, "LOADING");
                failure.AssertRetryable();
            });
        foreach (string name in ServerReadiness.Services)
        {
            Assert.Equal(ServingStatus.NotServing, (await server.Health.CheckAsync(new() { Service = name })).Status);
        }

        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{server.HttpAddress}/healthz/live")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync($"{server.HttpAddress}/healthz/ready")).StatusCode);

        gate.Open();
        await server.ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{server.HttpAddress}/healthz/ready")).StatusCode);
        Assert.NotNull((await server.AlignAsync(Specs.Sea())).Final);
    }

    [Fact]
    public async Task Once_the_device_is_lost_only_a_restart_helps_and_liveness_says_so()
    {
        await using RunningServer server =
            await RunningServer.StartAsync(_ => throw new DeviceLostException(new InvalidOperationException()));
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{server.HttpAddress}/healthz/live")).StatusCode);

        await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()));

        while ((await http.GetAsync($"{server.HttpAddress}/healthz/live")).StatusCode != HttpStatusCode.ServiceUnavailable)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync($"{server.HttpAddress}/healthz/ready")).StatusCode);
    }

    [Theory]
    [MemberData(nameof(HealthNames))]
    public async Task A_watcher_sees_ready_and_then_draining(string service)
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        using AsyncServerStreamingCall<HealthCheckResponse> watch = server.Health.Watch(new() { Service = service });
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(ServingStatus.Serving, watch.ResponseStream.Current.Status);

        Task stopped = server.StopAsync();

        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        await stopped.WaitAsync(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_shutdown_ends_streams_with_their_best_and_drops_what_waits()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, "Engine:MaxConcurrentJobs=1");
        using AsyncServerStreamingCall<StreamAlignResponse> running = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = Specs.Sea() });
        await running.ResponseStream.MoveNext(default);
        using AsyncServerStreamingCall<StreamAlignResponse> waiting = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = Specs.Sea() });
        await waiting.ResponseStream.MoveNext(default);
        Task<RpcException> dropped = Failures.OfAsync(() => waiting.ResponseStream.MoveNext(default));

        Task stopped = server.StopAsync();
        (await dropped).AssertIs(StatusCode.Unavailable, "DRAINING");
        RpcException late = await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()));
        Assert.Equal(StatusCode.Unavailable, late.StatusCode);
        runs.Gate.Open();
        AlignmentFinal? final = null;
        while (await running.ResponseStream.MoveNext(default))
        {
            final = running.ResponseStream.Current.Final;
        }

        Assert.Equal(StopReason.Draining, final!.StopReason);
        await stopped.WaitAsync(TimeSpan.FromMinutes(5));
    }
}
