using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Requests;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class IdempotencyTests
{
    private static readonly RequestKey Key = new("request-1", "hash-a");

    [Fact]
    public async Task A_duplicate_in_flight_is_refused_from_the_reservation_on()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        using (harness.Engine.Reserve(Key))
        {
            Assert.Throws<DuplicateRequestException>(() => harness.Engine.Reserve(Key));
        }

        harness.Submit(key: Key);
        Assert.Throws<DuplicateRequestException>(() => harness.Engine.Reserve(Key));
        Assert.Throws<RequestIdReusedException>(() => harness.Engine.Reserve(Key with { Fingerprint = "hash-b" }));
        gate.Open();
    }

    [Fact]
    public async Task A_finished_request_is_replayed_without_a_run_or_a_place()
    {
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun(), new EngineOptions { MaxConcurrentJobs = 1, MaxQueuedJobs = 0 });
        AlignmentJob job = harness.Submit(key: Key);
        JobFinished finished = await Harness.Soon(job.Completion);

        AlignmentJob replay = harness.Submit(key: Key);

        Assert.True(replay.IsReplay);
        Assert.Equal(job.Id, replay.Id);
        Assert.Equal(Key.Id, replay.RequestId);
        Assert.Collection(
            await Harness.ReadAllAsync(replay), e => Assert.IsType<DraftUpdate>(e), e => Assert.Same(finished, e));
        Assert.Single(harness.Backend.Runs);
        Assert.False(replay.Cancel());
        Assert.Throws<RequestIdReusedException>(() => harness.Engine.Reserve(Key with { Fingerprint = "hash-b" }));
        harness.Engine.Reserve().Dispose();
    }

    [Fact]
    public async Task Keys_and_replays_belong_to_their_caller()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, new EngineOptions { MaxConcurrentJobs = 2 });
        AlignmentJob one = harness.Submit(key: Key, caller: "one");
        AlignmentJob two = harness.Submit(key: Key with { Fingerprint = "hash-b" }, caller: "two");
        Assert.Throws<DuplicateRequestException>(() => harness.Engine.Reserve(Key, "one"));
        gate.Open();
        await Harness.Soon(Task.WhenAll(one.Completion, two.Completion));

        Assert.Equal((true, one.Id), Replay(Key, "one"));
        Assert.Equal((true, two.Id), Replay(Key with { Fingerprint = "hash-b" }, "two"));
        Assert.Throws<RequestIdReusedException>(() => harness.Engine.Reserve(Key, "two"));
        Assert.False(Replay(Key, "").IsReplay);

        (bool IsReplay, string Id) Replay(RequestKey key, string caller)
        {
            AlignmentJob job = harness.Submit(key: key, caller: caller);
            return (job.IsReplay, job.Id);
        }
    }

    [Fact]
    public async Task A_request_without_an_answer_may_be_tried_again()
    {
        int runs = 0;
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun
        {
            OnAdvance = _ =>
            {
                if (runs++ == 0)
                {
                    throw new InvalidOperationException("once");
                }
            },
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => Harness.Soon(harness.Submit(key: Key).Completion));

        AlignmentJob again = harness.Submit(key: Key);

        Assert.False(again.IsReplay);
        await Harness.Soon(again.Completion);
    }

    [Fact]
    public async Task A_full_queue_does_not_keep_the_key()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, new EngineOptions { MaxConcurrentJobs = 1, MaxQueuedJobs = 0 });
        AlignmentJob first = harness.Submit();
        Assert.Throws<QueueFullException>(() => harness.Engine.Reserve(Key));
        Assert.Throws<QueueFullException>(() => harness.Engine.Reserve(Key));
        gate.Open();
        await Harness.Soon(first.Completion);
        await Harness.Soon(harness.Submit(key: Key).Completion);
    }

    [Fact]
    public async Task Finished_requests_are_kept_for_a_time()
    {
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun(), new EngineOptions { ReplayLifetime = TimeSpan.FromMinutes(1) });
        await Harness.Soon(harness.Submit(key: Key).Completion);
        harness.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.True(harness.Submit(key: Key).IsReplay);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelRequest(Key.Id));
        Assert.False(harness.Submit(key: Key).IsReplay);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public async Task So_many_finished_requests_are_kept_the_newest(int capacity)
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun(), new EngineOptions { ReplayCapacity = capacity });
        RequestKey[] keys = [.. Enumerable.Range(0, 4).Select(i => new RequestKey($"request-{i}", "hash"))];
        foreach (RequestKey key in keys)
        {
            await Harness.Soon(harness.Submit(key: key).Completion);
        }

        Assert.Equal(capacity, keys.Reverse().TakeWhile(key => harness.Submit(key: key).IsReplay).Count());
    }
}
