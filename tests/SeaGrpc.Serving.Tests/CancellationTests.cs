using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Requests;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task A_cancelled_running_job_answers_with_its_best_after_the_piece_of_work_in_progress()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { Iterations = 100, OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit();
        gate.Permit(3);
        for (int i = 0; i < 4; i++)
        {
            await gate.ArrivalAsync();
        }

        Assert.True(job.Cancel());
        Assert.True(job.Cancel());
        gate.Permit();
        JobFinished finished = await Harness.Soon(job.Completion);

        Assert.Equal(StopReason.Cancelled, finished.Outcome.StopReason);
        Assert.Equal(3, finished.Outcome.IterationsRun);
        Assert.Equal(4, harness.Backend.Runs[0].Advances);
        Assert.False(job.Cancel());
    }

    [Fact]
    public async Task A_cancelled_job_leaves_the_device_before_the_turns_of_others()
    {
        using var first = new Gate();
        using var second = new Gate();
        await using Harness harness = await Harness.StartAsync(
            seed => new ScriptedRun { OnAdvance = _ => (seed == 1 ? first : second).Pass() }, new EngineOptions { MaxConcurrentJobs = 2 });
        AlignmentJob cancelled = harness.Submit(1);
        await first.ArrivalAsync();
        AlignmentJob other = harness.Submit(2);
        first.Permit(2);
        await second.ArrivalAsync();

        cancelled.Cancel();
        second.Permit();
        await Harness.Soon(cancelled.Completion);
        Assert.Equal(2, harness.Backend.Runs[0].Advances);
        Assert.Equal(1, harness.Backend.Runs[0].Disposals);
        second.Open();
        await Harness.Soon(other.Completion);
    }

    [Fact]
    public async Task A_job_cancelled_before_its_draft_has_no_answer()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { DecodeSteps = 10, OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit();
        await gate.ArrivalAsync();
        job.Cancel();
        gate.Permit();
        await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(job.Completion));
        Assert.Equal(1, harness.Backend.Runs[0].Advances);
        Assert.Equal(1, harness.Backend.Runs[0].Disposals);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_waiting_job_is_dropped_at_once_and_never_starts(bool abandon)
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, new EngineOptions { MaxConcurrentJobs = 1, MaxQueuedJobs = 1 });
        AlignmentJob running = harness.Submit();
        await gate.ArrivalAsync();
        AlignmentJob waiting = harness.Submit();
        Assert.Throws<QueueFullException>(() => harness.Engine.Reserve());

        Assert.True(abandon ? waiting.Abandon() : waiting.Cancel());

        await Harness.NextAsync<JobQueued>(waiting);
        await Assert.ThrowsAsync<AlignmentCancelledException>(() => waiting.ReadAsync().AsTask());
        harness.Engine.Reserve().Dispose();
        gate.Open();
        await Harness.Soon(running.Completion);
        Assert.Single(harness.Backend.Runs);
    }

    [Fact]
    public async Task An_abandoned_running_job_ends_at_once_and_frees_the_device_after_the_piece_in_progress()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit();
        gate.Permit();
        await gate.ArrivalAsync();
        await gate.ArrivalAsync();

        Assert.True(job.Abandon());
        Assert.False(job.Abandon());
        await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(job.Completion));

        gate.Permit();
        await Harness.UntilAsync(() => harness.Engine.RunningJobs == 0);
        Assert.Equal(2, harness.Backend.Runs[0].Advances);
        Assert.Equal(1, harness.Backend.Runs[0].Disposals);
    }

    [Fact]
    public async Task Cancelling_by_id_knows_request_ids_and_alignment_ids()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        AlignmentJob keyed = harness.Submit(key: new RequestKey("mine", "a"));
        await gate.ArrivalAsync();
        gate.Permit();
        await gate.ArrivalAsync();
        AlignmentJob waiting = harness.Submit();

        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelAlignment("unknown"));
        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelRequest("unknown"));
        Assert.Equal(CancelResult.Cancelling, harness.Engine.CancelAlignment(waiting.Id));
        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelAlignment(waiting.Id));
        Assert.Equal(CancelResult.Cancelling, harness.Engine.CancelRequest("mine"));
        Assert.Equal(CancelResult.Cancelling, harness.Engine.CancelRequest("mine"));
        gate.Permit();
        Assert.Equal(StopReason.Cancelled, (await Harness.Soon(keyed.Completion)).Outcome.StopReason);
        Assert.Equal(CancelResult.AlreadyFinished, harness.Engine.CancelRequest("mine"));
        Assert.Equal(CancelResult.AlreadyFinished, harness.Engine.CancelAlignment(keyed.Id));
    }

    [Fact]
    public async Task Request_ids_and_alignment_ids_are_never_taken_for_each_other()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, new EngineOptions { MaxConcurrentJobs = 2 });
        AlignmentJob first = harness.Submit(key: new RequestKey("first", "a"));
        // Whoever takes another call's alignment id for his own request id gets neither its answer nor its cancellation.
        AlignmentJob second = harness.Submit(key: new RequestKey(first.Id, "a"));

        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelAlignment("first"));
        Assert.Equal(CancelResult.Cancelling, harness.Engine.CancelRequest(first.Id));
        gate.Open();
        Assert.Equal(StopReason.Iterations, (await Harness.Soon(first.Completion)).Outcome.StopReason);
        await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(second.Completion));
        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelAlignment("first"));
        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelRequest(first.Id));
        Assert.Equal(CancelResult.AlreadyFinished, harness.Engine.CancelAlignment(first.Id));
    }

    [Fact]
    public async Task A_caller_cancels_no_other_callers_alignment()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit(key: new RequestKey("same", "a"), caller: "one");
        foreach (string other in new[] { "two", "" })
        {
            Assert.Equal(CancelResult.NotFound, harness.Engine.CancelAlignment(job.Id, other));
            Assert.Equal(CancelResult.NotFound, harness.Engine.CancelRequest("same", other));
        }

        gate.Open();
        Assert.Equal(StopReason.Iterations, (await Harness.Soon(job.Completion)).Outcome.StopReason);
        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelAlignment(job.Id, "two"));
        Assert.Equal(CancelResult.AlreadyFinished, harness.Engine.CancelAlignment(job.Id, "one"));
        Assert.Equal(CancelResult.NotFound, harness.Engine.CancelRequest("same", "two"));
        Assert.Equal(CancelResult.AlreadyFinished, harness.Engine.CancelRequest("same", "one"));
    }

    [Fact]
    public async Task A_request_cancelled_while_it_is_prepared_never_starts()
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun());
        using JobSlot slot = harness.Engine.Reserve(new RequestKey("mine", "a"));
        Assert.Equal(CancelResult.Cancelling, harness.Engine.CancelRequest("mine"));

        AlignmentJob job = slot.Submit(Harness.TaskOf(0));

        await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(job.Completion));
        await Harness.Soon(harness.Submit(1).Completion);
        Assert.Single(harness.Backend.Runs);
        Assert.Equal(0, harness.Engine.RunningJobs + harness.Engine.QueuedJobs);
    }
}
