using SeaGrpc.Alignment;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class EventTests
{
    [Fact]
    public async Task Events_come_in_the_contracts_order()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { DecodeSteps = 2, OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit();

        await Harness.NextAsync<JobStarted>(job);
        gate.Permit(3);
        Assert.Equal(ScriptedRun.Response(0), (await Harness.NextAsync<DraftUpdate>(job)).Best, Same);
        for (int i = 1; i <= 3; i++)
        {
            gate.Permit();
            Assert.Equal(i, (await Harness.NextAsync<IterationUpdate>(job)).Index);
        }

        JobFinished finished = await Harness.NextAsync<JobFinished>(job);
        Assert.Equal(StopReason.Iterations, finished.Outcome.StopReason);
        Assert.Equal(3, finished.Outcome.IterationsRun);
        Assert.Null(await job.ReadAsync());
        Assert.Same(finished, await Harness.Soon(job.Completion));
    }

    [Fact]
    public async Task A_reader_that_reads_nothing_delays_nothing_and_finds_few_iterations_and_the_newest()
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { Iterations = 10_000 });
        AlignmentJob job = harness.Submit();
        await Harness.Soon(job.Completion);

        List<AlignmentUpdate> events = await Harness.ReadAllAsync(job);

        Assert.IsType<JobStarted>(events[0]);
        Assert.IsType<DraftUpdate>(events[1]);
        Assert.IsType<JobFinished>(events[^1]);
        int[] indices = [.. events.OfType<IterationUpdate>().Select(e => e.Index)];
        Assert.InRange(indices.Length, 1, JobUpdateChannel.MostWaiting);
        Assert.Equal(indices.Length + 3, events.Count);
        Assert.Equal(10_000, indices[^1]);
        Assert.Equal(indices.Order(), indices);
    }

    [Fact]
    public async Task A_job_that_waits_is_told_its_place_and_one_that_does_not_is_told_none()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        AlignmentJob[] jobs = [harness.Submit(1), harness.Submit(2), harness.Submit(3)];

        await Harness.NextAsync<JobStarted>(jobs[0]);
        Assert.Equal(1, (await Harness.NextAsync<JobQueued>(jobs[1])).Position);
        Assert.Equal(2, (await Harness.NextAsync<JobQueued>(jobs[2])).Position);
        harness.Clock.Advance(TimeSpan.FromSeconds(2));
        gate.Open();
        Assert.Equal(TimeSpan.FromSeconds(2), (await Harness.NextAsync<JobStarted>(jobs[1])).Queued);
        Assert.Equal(TimeSpan.FromSeconds(2), (await Harness.Soon(jobs[2].Completion)).Queued);
    }

    [Fact]
    public async Task A_job_that_is_overtaken_before_it_starts_is_told_its_place()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, new EngineOptions { MaxConcurrentJobs = 2 });
        harness.Submit(1);
        await gate.ArrivalAsync();
        // There is a place for one more, but the device is busy until the first one's turn ends.
        AlignmentJob overtaken = harness.Submit(2);
        AlignmentJob urgent = harness.Submit(3, new JobLimits { Priority = 1 });

        Assert.Equal(1, (await Harness.NextAsync<JobQueued>(overtaken)).Position);
        gate.Open();
        await Harness.NextAsync<JobStarted>(urgent);
        await Harness.NextAsync<JobStarted>(overtaken);
    }

    [Fact]
    public async Task Every_Nth_iteration_is_told_and_the_end_always()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { Iterations = 8, OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit(updates: new JobUpdateOptions(3, TimeSpan.Zero));
        await Harness.NextAsync<JobStarted>(job);
        gate.Permit();
        await Harness.NextAsync<DraftUpdate>(job);

        gate.Permit(3);
        Assert.Equal(3, (await Harness.NextAsync<IterationUpdate>(job)).Index);
        gate.Permit(3);
        Assert.Equal(6, (await Harness.NextAsync<IterationUpdate>(job)).Index);
        gate.Permit(2);
        Assert.Equal(8, (await Harness.NextAsync<JobFinished>(job)).Outcome.IterationsRun);
    }

    [Fact]
    public async Task At_most_one_iteration_is_told_per_interval()
    {
        using var gate = new Gate();
        Harness? harness = null;
        await using Harness owner = harness = await Harness.StartAsync(_ => new ScriptedRun
        {
            Iterations = 9,
            OnAdvance = _ =>
            {
                gate.Pass();
                harness!.Clock.Advance(TimeSpan.FromMilliseconds(40));
            },
        });
        AlignmentJob job = harness.Submit(updates: new JobUpdateOptions(1, TimeSpan.FromMilliseconds(100)));
        await Harness.NextAsync<JobStarted>(job);
        gate.Permit();
        await Harness.NextAsync<DraftUpdate>(job);

        foreach (int index in new[] { 1, 4, 7 })
        {
            gate.Permit(index == 1 ? 1 : 3);
            Assert.Equal(index, (await Harness.NextAsync<IterationUpdate>(job)).Index);
        }

        gate.Open();
        await Harness.NextAsync<JobFinished>(job);
    }

    [Fact]
    public async Task A_cancelled_read_takes_nothing()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit();
        await Harness.NextAsync<JobStarted>(job);
        using var hurry = new CancellationTokenSource();

        ValueTask<AlignmentUpdate?> read = job.ReadAsync(hurry.Token);
        await hurry.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(read.AsTask);

        gate.Open();
        await Harness.NextAsync<DraftUpdate>(job);
    }

    private static bool Same(ScoredResponse a, ScoredResponse b) => a.Tokens.SequenceEqual(b.Tokens) && a.Energy.Equals(b.Energy);
}
