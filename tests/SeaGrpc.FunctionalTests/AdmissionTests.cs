using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

public sealed class AdmissionTests
{
    [Fact]
    public async Task A_full_queue_is_an_error_that_says_when_to_come_back()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(
            runs.Script, "Engine:MaxConcurrentJobs=1", "Engine:MaxQueuedJobs=0");
        using AsyncServerStreamingCall<StreamAlignResponse> first = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = Specs.Sea() });
        await first.ResponseStream.MoveNext(default);

        RpcException failure = await Failures.OfAsync(() => server.StreamAsync(Specs.Sea()));
        RpcException score = await Failures.OfAsync(async () => await server.Alignment.ScoreAsync(new ScoreRequest
        {
            Pairs = { new ScorePair { Prompt = Specs.Text("a"), Response = Specs.Response("b") } },
        }));

        Assert.All([failure, score], refused =>
        {
            refused.AssertIs(StatusCode.ResourceExhausted, "QUEUE_FULL");
            refused.AssertRetryable();
        });
        runs.Gate.Open();
    }

    [Fact]
    public async Task A_wait_longer_than_its_queue_timeout_is_an_error()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, "Engine:MaxConcurrentJobs=1");
        using AsyncServerStreamingCall<StreamAlignResponse> first = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = Specs.Sea() });
        await first.ResponseStream.MoveNext(default);
        AlignmentSpec spec = Specs.Sea();
        spec.QueueTimeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(50));

        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(spec));

        failure.AssertIs(StatusCode.ResourceExhausted, "QUEUE_TIMEOUT");
        failure.AssertRetryable();
        runs.Gate.Open();
    }

    [Fact]
    public async Task A_request_that_can_never_fit_is_a_violation_with_the_figures()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, "Engine:MemoryBudgetMiB=16");
        AlignmentSpec spec = Specs.Sea();
        spec.Sea.Sampler = V1.SeaSampler.Langevin;
        spec.Sea.Chains = 8;
        spec.MaxResponseTokens = 256;
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(spec));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        var violation = Assert.Single(failure.Violations());
        Assert.Equal(("spec", "TOO_LARGE"), (violation.Field, violation.Reason));
        Assert.Contains("allows all requests together 16 MiB", violation.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("urgent", StatusCode.InvalidArgument)]
    [InlineData("high", StatusCode.OK)]
    [InlineData("low", StatusCode.OK)]
    public async Task A_priority_is_low_normal_or_high(string priority, StatusCode expected)
    {
        using var runs = new GatedRuns { Iterations = 1 };
        runs.Gate.Open();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        StatusCode status = StatusCode.OK;
        try
        {
            await server.Alignment.AlignAsync(new AlignRequest { Spec = Specs.Sea() }, new Metadata { { "sea-priority", priority } });
        }
        catch (RpcException failure)
        {
            status = failure.StatusCode;
            Assert.Contains("low, normal or high", failure.Status.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task The_same_request_id_in_flight_is_refused_and_afterwards_replayed()
    {
        using var runs = new GatedRuns { Iterations = 3 };
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        AlignmentSpec spec = Specs.Sea();
        spec.ClearSeed();
        spec.RequestId = "once";
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });
        await call.ResponseStream.MoveNext(default);
        AlignmentStarted started = call.ResponseStream.Current.Started;

        (await Failures.OfAsync(() => server.AlignAsync(spec))).AssertIs(StatusCode.AlreadyExists, "REQUEST_IN_FLIGHT");
        runs.Gate.Open();
        AlignmentFinal? final = null;
        while (await call.ResponseStream.MoveNext(default))
        {
            final = call.ResponseStream.Current.Final;
        }

        List<StreamAlignResponse> replay = await server.StreamAsync(spec);
        Assert.Equal([0L, 1L, 2L], replay.Select(next => next.Sequence));
        Assert.Equal((started.AlignmentId, started.EffectiveSpec), (replay[0].Started.AlignmentId, replay[0].Started.EffectiveSpec));
        Assert.NotNull(replay[1].Draft);
        Assert.True(replay[2].Final.Replayed);
        Assert.False(final!.Replayed);
        Assert.Equal(final.Response, replay[2].Final.Response);
        Assert.Equal(final.Response, (await server.AlignAsync(spec)).Final.Response);

        AlignmentSpec other = spec.Clone();
        other.Prompt = Specs.Text("Something else");
        RpcException reused = await Failures.OfAsync(() => server.AlignAsync(other));
        reused.AssertIs(StatusCode.InvalidArgument, "REQUEST_ID_REUSED");
        Assert.Equal("spec.request_id", Assert.Single(reused.Violations()).Field);
    }
}
