using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class DrainTests
{
    [Fact]
    public async Task Running_jobs_answer_waiting_jobs_fail_and_nothing_new_is_admitted()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { Iterations = 100, OnAdvance = _ => gate.Pass() });
        AlignmentJob running = harness.Submit();
        gate.Permit(2);
        for (int i = 0; i < 3; i++)
        {
            await gate.ArrivalAsync();
        }

        AlignmentJob waiting = harness.Submit();
        using JobSlot reserved = harness.Engine.Reserve();
        Task<bool> drained = harness.Engine.DrainAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(EngineState.Draining, harness.Engine.State);
        Assert.Throws<EngineUnavailableException>(() => harness.Engine.Reserve());
        Assert.Throws<EngineUnavailableException>(() => reserved.Submit(Harness.TaskOf(0)));
        EngineUnavailableException dropped =
            await Assert.ThrowsAsync<EngineUnavailableException>(() => Harness.Soon(waiting.Completion));
        Assert.Equal(EngineState.Draining, dropped.State);
        Assert.False(drained.IsCompleted);

        gate.Permit();
        JobFinished finished = await Harness.Soon(running.Completion);
        Assert.Equal(StopReason.Draining, finished.Outcome.StopReason);
        Assert.Equal(2, finished.Outcome.IterationsRun);
        Assert.True(await Harness.Soon(drained));
    }

    [Fact]
    public async Task A_job_without_a_response_goes_on_until_it_has_one()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { DecodeSteps = 3, OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit();
        await gate.ArrivalAsync();
        Task<bool> drained = harness.Engine.DrainAsync(TimeSpan.FromSeconds(10));
        gate.Open();

        JobFinished finished = await Harness.Soon(job.Completion);
        Assert.Equal(StopReason.Draining, finished.Outcome.StopReason);
        Assert.Equal(0, finished.Outcome.IterationsRun);
        Assert.True(await Harness.Soon(drained));
    }

    [Fact]
    public async Task A_run_that_never_yields_does_not_hold_the_drain_beyond_its_budget()
    {
        using var gate = new Gate();
        Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit();
        await gate.ArrivalAsync();

        Task<bool> drained = harness.Engine.DrainAsync(TimeSpan.FromSeconds(5));
        harness.Clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(drained.IsCompleted);
        harness.Clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.False(await Harness.Soon(drained));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => Harness.Soon(job.Completion));
        Assert.False(await Harness.Soon(harness.Engine.DrainAsync(TimeSpan.Zero)));

        gate.Open(); // It yields after all: its tensors are freed all the same.
        await harness.DisposeAsync();
        await Harness.UntilAsync(() => harness.Backend.IsDisposed);
        Assert.Equal(1, harness.Backend.Runs[0].Disposals);
    }

    [Fact]
    public async Task Disposing_drains_and_disposes_the_backend_on_the_model_thread()
    {
        Harness harness = await Harness.StartAsync(_ => new ScriptedRun { Iterations = int.MaxValue });
        AlignmentJob job = harness.Submit();
        await Harness.NextAsync<JobStarted>(job);

        await Harness.Soon(harness.DisposeAsync().AsTask());

        Assert.Equal(StopReason.Draining, (await Harness.Soon(job.Completion)).Outcome.StopReason);
        await Harness.UntilAsync(() => harness.Backend.IsDisposed);
        Assert.Equal(EngineState.Stopped, harness.Engine.State);
    }
}
