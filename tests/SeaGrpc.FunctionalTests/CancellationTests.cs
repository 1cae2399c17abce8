using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

public sealed class CancellationTests
{
    [Fact]
    public async Task A_client_that_goes_frees_the_device()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = Specs.Sea() });
        runs.Gate.Permit(2);
        await call.ResponseStream.MoveNext(default);

        call.Dispose();
        runs.Gate.Open();

        await runs.DisposalAsync();
        await Until(() => server.Models.Engine.RunningJobs == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CancelAlignment_ends_a_run_with_its_best_so_far(bool byRequestId)
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        AlignmentSpec spec = Specs.Sea();
        spec.RequestId = "mine";
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });
        Assert.True(await call.ResponseStream.MoveNext(default));
        string id = call.ResponseStream.Current.Started.AlignmentId;
        runs.Gate.Permit(2);
        CancelAlignmentRequest request = byRequestId ? new() { RequestId = "mine" } : new() { AlignmentId = id };
        for (int arrival = 0; arrival < 3; arrival++)
        {
            // The third step has no permit: the run stands before it until the gate is opened.
            await runs.Gate.ArrivalAsync();
        }

        Assert.True((await server.Alignment.CancelAlignmentAsync(request)).Cancelled);
        Assert.True((await server.Alignment.CancelAlignmentAsync(request)).Cancelled);
        runs.Gate.Open();
        AlignmentFinal? final = null;
        while (await call.ResponseStream.MoveNext(default))
        {
            final = call.ResponseStream.Current.Final;
        }

        Assert.Equal(StopReason.Cancelled, final!.StopReason);
        Assert.False((await server.Alignment.CancelAlignmentAsync(request)).Cancelled);
    }

    [Fact]
    public async Task CancelAlignment_of_what_never_was_is_no_error()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        Assert.False((await server.Alignment.CancelAlignmentAsync(new() { AlignmentId = "nothing" })).Cancelled);
        RpcException failure = await Failures.OfAsync(async () => await server.Alignment.CancelAlignmentAsync(new()));
        Assert.Equal("target", Assert.Single(failure.Violations()).Field);
    }

    [Fact]
    public async Task CancelAlignment_takes_a_waiting_alignment_out_of_the_queue()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, "Engine:MaxConcurrentJobs=1");
        using AsyncServerStreamingCall<StreamAlignResponse> first = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = Specs.Sea() });
        await first.ResponseStream.MoveNext(default);
        AlignmentSpec spec = Specs.Sea();
        spec.RequestId = "waits";
        using AsyncServerStreamingCall<StreamAlignResponse> second = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });
        Assert.True(await second.ResponseStream.MoveNext(default));
        Assert.Equal(1, second.ResponseStream.Current.Queued.Position);

        Assert.True((await server.Alignment.CancelAlignmentAsync(new() { RequestId = "waits" })).Cancelled);

        RpcException failure = await Failures.OfAsync(() => second.ResponseStream.MoveNext(default));
        failure.AssertIs(StatusCode.Cancelled, "CANCELLED");
        runs.Gate.Open();
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
