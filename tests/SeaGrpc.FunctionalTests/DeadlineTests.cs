using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing.Runs;
using SeaGrpc.V1;
using StopReason = SeaGrpc.V1.StopReason;

namespace SeaGrpc.FunctionalTests;

public sealed class DeadlineTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_deadline_is_met_with_the_best_so_far()
    {
        await using RunningServer server = await RunningServer.StartAsync(Slow(decodeSteps: 0));
        AlignResponse response = await server.AlignAsync(Specs.Sea(), new CallOptions(deadline: DateTime.UtcNow.AddSeconds(3)));
        Assert.Equal(StopReason.TimeLimit, response.Final.StopReason);
        Assert.True(response.Final.IterationsRun > 0);
    }

    [Fact]
    public async Task A_time_limit_ends_a_stream_with_the_best_so_far()
    {
        await using RunningServer server = await RunningServer.StartAsync(Slow(decodeSteps: 0));
        AlignmentSpec spec = Specs.Sea();
        spec.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300));
        Assert.Equal(StopReason.TimeLimit, (await server.StreamAsync(spec))[^1].Final.StopReason);
    }

    [Fact]
    public async Task A_time_limit_before_anything_is_scored_is_an_error()
    {
        await using RunningServer server = await RunningServer.StartAsync(Slow(decodeSteps: 1_000_000));
        AlignmentSpec spec = Specs.Sea();
        spec.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100));
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(spec));
        failure.AssertIs(StatusCode.DeadlineExceeded, "NO_RESPONSE_IN_TIME");
    }

    private static Func<AlignmentTask, IAlignmentRun?> Slow(int decodeSteps) => _ => new ScriptedRun
    {
        DecodeSteps = decodeSteps,
        Iterations = 1_000_000,
        OnAdvance = _ => Thread.Sleep(Step),
    };
}
