using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing.Runs;
using SeaGrpc.V1;
using Result = SeaGrpc.V1.AlignBatchResponse.ResultOneofCase;
using Status = Google.Rpc.Status;

namespace SeaGrpc.FunctionalTests;

/// <summary>AlignBatch: a result for each spec, with its index.</summary>
public sealed class AlignBatchTests
{
    private static readonly DateTime Soon = DateTime.UtcNow + TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Every_spec_has_the_answer_that_it_has_alone()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec[] specs = [.. Enumerable.Range(0, 7).Select(seed => Seeded((ulong)seed + 1))];

        List<AlignBatchResponse> results = await BatchAsync(server, specs);

        Assert.Equal(Enumerable.Range(0, 7), results.Select(result => result.Index).Order());
        foreach (AlignBatchResponse result in results)
        {
            AlignResponse alone = await server.AlignAsync(specs[result.Index]);
            Assert.Equal(alone.Final.Response, result.Alignment.Final.Response);
            Assert.Equal(alone.Started.EffectiveSpec, result.Alignment.Started.EffectiveSpec);
        }
    }

    [Fact]
    public async Task A_spec_that_fails_has_its_error_and_the_others_their_answers()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec wrong = Specs.Sea();
        wrong.Sea.Chains = 0;
        AlignmentSpec unknown = Specs.Sea();
        unknown.PolicyModel = "nobody";

        List<AlignBatchResponse> results = await BatchAsync(server, wrong, Specs.Sea(), unknown);

        Assert.Equal(
            [Result.Error, Result.Alignment, Result.Error], results.OrderBy(result => result.Index).Select(result => result.ResultCase));
        AlignBatchError error = results.Single(result => result.Index == 0).Error;
        Assert.Equal(((int)StatusCode.InvalidArgument, "OUT_OF_RANGE"), (error.Code, error.Reason));
        Assert.StartsWith("spec.sea.chains: ", error.Message, StringComparison.Ordinal);
        Status status = Status.Parser.ParseFrom(error.Status);
        Assert.Equal("spec.sea.chains", Assert.Single(status.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations).Field);
        Assert.Equal(
            ((int)StatusCode.NotFound, "UNKNOWN_MODEL"),
            results.Single(result => result.Index == 2).Error is var other ? (other.Code, other.Reason) : default);
    }

    [Theory]
    [InlineData(0, "REQUIRED")]
    [InlineData(4, "TOO_LONG")]
    public async Task A_batch_has_at_least_one_spec_and_at_most_the_servers_limit(int specs, string reason)
    {
        await using RunningServer server = await RunningServer.StartAsync(null, "Limits:MaxBatchSpecs=3");
        RpcException failure = await Failures.OfAsync(() =>
            BatchAsync(server, [.. Enumerable.Range(0, specs).Select(_ => Specs.Sea())]));

        failure.AssertIs(StatusCode.InvalidArgument, reason);
        Assert.Equal("specs", Assert.Single(failure.Violations()).Field);
        Assert.Equal(3, (await server.Info.GetServerInfoAsync(new())).Limits.MaxBatchSpecs);
    }

    [Fact]
    public async Task A_batch_that_is_larger_than_the_queue_leaves_it_to_others()
    {
        using var runs = new GatedRuns { Iterations = 2 };
        await using RunningServer server = await RunningServer.StartAsync(
            runs.Script, "Engine:MaxConcurrentJobs=1", "Engine:MaxQueuedJobs=1");
        using AsyncServerStreamingCall<AlignBatchResponse> batch = server.Alignment.AlignBatch(
            new AlignBatchRequest { Specs = { Enumerable.Range(1, 12).Select(seed => Seeded((ulong)seed)) } }, deadline: Soon);
        await Idle.UntilAsync(() => server.Models.Engine.RunningJobs == 1);

        Task<AlignResponse> other = server.AlignAsync(Specs.Sea());
        await Idle.UntilAsync(() => server.Models.Engine.QueuedJobs == 1);
        runs.Gate.Open();

        Assert.NotNull((await other).Final);
        Assert.Equal(12, (await ReadAsync(batch)).Count(result => result.ResultCase == Result.Alignment));
    }

    [Fact]
    public async Task A_spec_that_finds_the_queue_full_is_tried_again_until_its_queue_timeout()
    {
        using var trace = new LiveTrace();
        using var runs = new GatedRuns { Iterations = 2 };
        await using RunningServer server = await RunningServer.StartAsync(
            runs.Script, "Engine:MaxConcurrentJobs=1", "Engine:MaxQueuedJobs=0");
        Task<AlignResponse> first = server.AlignAsync(Specs.Sea());
        await Idle.UntilAsync(() => server.Models.Engine.RunningJobs == 1);
        AlignmentSpec impatient = Seeded(2);
        impatient.QueueTimeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1));

        AlignBatchResponse refused = Assert.Single(await BatchAsync(server, impatient));
        using AsyncServerStreamingCall<AlignBatchResponse> patient = server.Alignment.AlignBatch(
            new AlignBatchRequest { Specs = { Seeded(3) } }, trace.Headers, Soon);
        await Idle.UntilAsync(() => trace.HasEvent("alignment", "busy"));
        runs.Gate.Open();

        Assert.Equal((int)StatusCode.ResourceExhausted, refused.Error.Code);
        Assert.Equal("QUEUE_FULL", refused.Error.Reason);
        Assert.NotNull(Assert.Single(await ReadAsync(patient)).Alignment);
        Assert.NotNull((await first).Final);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_its_runs()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, "Engine:MaxConcurrentJobs=2");
        using (server.Alignment.AlignBatch(
            new AlignBatchRequest { Specs = { Enumerable.Range(1, 5).Select(seed => Seeded((ulong)seed)) } }, deadline: Soon))
        {
            await Idle.UntilAsync(() => server.Models.Engine.RunningJobs > 0);
        }

        runs.Gate.Open();
        await server.IdleAsync();
    }

    [Fact]
    public async Task Near_the_deadline_runs_end_with_their_best_and_waiting_specs_with_an_error()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            task => new ScriptedRun
            {
                DecodeSteps = task.Seed == 2 ? 1_000_000 : 0,
                Iterations = 1_000_000,
                OnAdvance = _ => Thread.Sleep(50),
            },
            "Engine:MaxConcurrentJobs=1", "Engine:DeadlineMargin=00:00:02");
        using AsyncServerStreamingCall<AlignBatchResponse> batch = server.Alignment.AlignBatch(
            new AlignBatchRequest { Specs = { Seeded(1), Seeded(2) } }, deadline: DateTime.UtcNow + TimeSpan.FromSeconds(8));

        List<AlignBatchResponse> results = await ReadAsync(batch);

        Assert.Equal([0, 1], results.Select(result => result.Index));
        Assert.Null(results[0].Error);
        Assert.Equal(StopReason.TimeLimit, results[0].Alignment.Final.StopReason);
        Assert.Equal((int)StatusCode.DeadlineExceeded, results[1].Error.Code);
    }

    private static AlignmentSpec Seeded(ulong seed)
    {
        AlignmentSpec spec = Specs.Sea();
        spec.Seed = seed;
        return spec;
    }

    private static Task<List<AlignBatchResponse>> BatchAsync(RunningServer server, params AlignmentSpec[] specs) =>
        ReadAsync(server.Alignment.AlignBatch(new AlignBatchRequest { Specs = { specs } }, deadline: Soon));

    private static async Task<List<AlignBatchResponse>> ReadAsync(AsyncServerStreamingCall<AlignBatchResponse> call)
    {
        var results = new List<AlignBatchResponse>();
        await foreach (AlignBatchResponse next in call.ResponseStream.ReadAllAsync())
        {
            results.Add(next);
        }

        return results;
    }
}
