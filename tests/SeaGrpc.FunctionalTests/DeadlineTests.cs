using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing.Runs;
using SeaGrpc.Testing.Time;
using SeaGrpc.V1;
using StopReason = SeaGrpc.V1.StopReason;

namespace SeaGrpc.FunctionalTests;

/// <summary>Time passes for the engine only as its clock is moved: an hour a step, from a run's third step on.</summary>
public sealed class DeadlineTests
{
    private const int FirstSlowStep = 3;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_deadline_is_met_with_the_best_so_far()
    {
        await using RunningServer server = await StartAsync(decodeSteps: 0);
        AlignResponse response = await server.AlignAsync(Specs.Sea(), new CallOptions(deadline: DateTime.UtcNow + (Hour / 2)));
        Assert.Equal(StopReason.TimeLimit, response.Final.StopReason);
        Assert.Equal(FirstSlowStep - 2, response.Final.IterationsRun); // The slow step is an iteration that nobody waits for.
    }

    [Fact]
    public async Task A_time_limit_ends_a_stream_with_the_best_so_far()
    {
        await using RunningServer server = await StartAsync(decodeSteps: 0);
        AlignmentFinal final = (await server.StreamAsync(Limited()))[^1].Final;
        Assert.Equal(StopReason.TimeLimit, final.StopReason);
        Assert.Equal(FirstSlowStep - 2, final.IterationsRun);
    }

    [Fact]
    public async Task A_time_limit_before_anything_is_scored_is_an_error()
    {
        await using RunningServer server = await StartAsync(decodeSteps: 1_000_000);
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Limited()));
        failure.AssertIs(StatusCode.DeadlineExceeded, "NO_RESPONSE_IN_TIME");
    }

    [Fact]
    public async Task Less_time_than_the_draft_takes_to_score_is_refused_once_the_pace_is_known()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using RunningServer server = await RunningServer.StartAsync(
            clock, () => new ScriptedRun { Iterations = 1, OnAdvance = _ => clock.Advance(TimeSpan.FromSeconds(1)) });
        AlignmentSpec spec = Specs.Sea();
        spec.DraftResponse = Specs.Response("Fine.");
        for (int call = 0; call < 4; call++)
        {
            await server.AlignAsync(spec);
        }

        spec.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromSeconds(0.9));
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(spec));
        failure.AssertIs(StatusCode.DeadlineExceeded, "TOO_LITTLE_TIME");
        Assert.Contains("1 s", failure.Status.Detail, StringComparison.Ordinal);
        spec.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromSeconds(1.1));
        Assert.True((await server.AlignAsync(spec)).Final.Response.Reward >= 0);
    }

    private static AlignmentSpec Limited()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));
        return spec;
    }

    private static Task<RunningServer> StartAsync(int decodeSteps)
    {
        // Deadlines are moments of the real calendar.
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        return RunningServer.StartAsync(clock, () => new ScriptedRun
        {
            DecodeSteps = decodeSteps,
            Iterations = 1_000_000,
            OnAdvance = step => clock.Advance(step < FirstSlowStep ? TimeSpan.Zero : Hour),
        });
    }
}
