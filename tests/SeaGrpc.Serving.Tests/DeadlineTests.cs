using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class DeadlineTests
{
    private static readonly EngineOptions OneWithMargin =
        new() { MaxConcurrentJobs = 1, DeadlineMargin = TimeSpan.FromMilliseconds(250) };

    [Fact]
    public async Task The_best_so_far_comes_before_the_deadline_even_when_an_iteration_takes_longer_than_the_margin()
    {
        await using Harness harness = await StartAsync(TimeSpan.FromSeconds(1));
        DateTimeOffset deadline = harness.Clock.GetUtcNow() + TimeSpan.FromSeconds(10);

        JobFinished finished = await Harness.Soon(harness.Submit(limits: new JobLimits { Deadline = deadline }).Completion);

        Assert.Equal(StopReason.TimeLimit, finished.Outcome.StopReason);
        Assert.Equal(8, finished.Outcome.IterationsRun); // Nine pieces of one second with the draft; a tenth would end too late.
        Assert.True(harness.Clock.GetUtcNow() < deadline);
    }

    [Fact]
    public async Task The_margin_is_kept()
    {
        await using Harness harness = await StartAsync(TimeSpan.FromMilliseconds(50));
        DateTimeOffset deadline = harness.Clock.GetUtcNow() + TimeSpan.FromSeconds(2);

        await Harness.Soon(harness.Submit(limits: new JobLimits { Deadline = deadline }).Completion);

        TimeSpan left = deadline - harness.Clock.GetUtcNow();
        Assert.InRange(left, TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(350));
    }

    [Fact]
    public async Task A_short_deadline_gives_up_a_quarter_and_not_the_whole_margin()
    {
        await using Harness harness = await StartAsync(TimeSpan.FromMilliseconds(10));
        DateTimeOffset deadline = harness.Clock.GetUtcNow() + TimeSpan.FromMilliseconds(200);

        JobFinished finished = await Harness.Soon(harness.Submit(limits: new JobLimits { Deadline = deadline }).Completion);

        Assert.Equal(StopReason.TimeLimit, finished.Outcome.StopReason);
        Assert.InRange(deadline - harness.Clock.GetUtcNow(), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(80));
    }

    [Fact]
    public async Task The_time_limit_counts_from_the_start_of_the_run()
    {
        using var gate = new Gate();
        Harness? harness = null;
        await using Harness owner = harness = await Harness.StartAsync(seed => new ScriptedRun
        {
            Iterations = 1000,
            OnAdvance = _ =>
            {
                if (seed == 0)
                {
                    gate.Pass();
                }

                harness!.Clock.Advance(TimeSpan.FromMilliseconds(100));
            },
        });
        AlignmentJob before = harness.Submit(0);
        await gate.ArrivalAsync();
        AlignmentJob job = harness.Submit(1, new JobLimits { TimeLimit = TimeSpan.FromSeconds(3) });
        harness.Clock.Advance(TimeSpan.FromSeconds(20));
        before.Cancel();
        gate.Permit();

        JobFinished finished = await Harness.Soon(job.Completion);

        Assert.Equal(StopReason.TimeLimit, finished.Outcome.StopReason);
        Assert.InRange(finished.Queued, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(21));
        Assert.InRange(finished.Running, TimeSpan.FromSeconds(2.8), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_deadline_before_anything_is_scored_fails()
    {
        await using Harness harness = await StartAsync(TimeSpan.FromSeconds(1), decodeSteps: 100);
        DateTimeOffset deadline = harness.Clock.GetUtcNow() + TimeSpan.FromSeconds(5);

        AlignmentJob job = harness.Submit(limits: new JobLimits { Deadline = deadline });

        await Assert.ThrowsAsync<AlignmentDeadlineException>(() => Harness.Soon(job.Completion));
        Assert.Equal(1, harness.Backend.Runs[0].Disposals);
    }

    [Fact]
    public async Task A_deadline_that_passes_in_the_queue_fails_without_a_start()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, OneWithMargin);
        harness.Submit();
        await gate.ArrivalAsync();
        AlignmentJob job = harness.Submit(limits: new JobLimits { Deadline = harness.Clock.GetUtcNow() + TimeSpan.FromSeconds(5) });

        harness.Clock.Advance(TimeSpan.FromSeconds(4.75));

        await Assert.ThrowsAsync<AlignmentDeadlineException>(() => Harness.Soon(job.Completion));
        gate.Open();
        await harness.DisposeAsync();
        Assert.Single(harness.Backend.Runs);
    }

    [Fact]
    public async Task A_deadline_in_the_past_fails_without_a_start()
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun());
        AlignmentJob job = harness.Submit(limits: new JobLimits { Deadline = harness.Clock.GetUtcNow() - TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAsync<AlignmentDeadlineException>(() => Harness.Soon(job.Completion));
        Assert.Empty(harness.Backend.Runs);
        Assert.Equal(0, harness.Engine.QueuedJobs);
    }

    [Fact]
    public async Task Limits_beyond_every_clock_are_no_limits()
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun());
        JobLimits limits = new() { Deadline = DateTimeOffset.MaxValue, TimeLimit = TimeSpan.MaxValue, QueueTimeout = TimeSpan.MaxValue };
        Assert.Equal(StopReason.Iterations, (await Harness.Soon(harness.Submit(limits: limits).Completion)).Outcome.StopReason);
    }

    [Fact]
    public async Task A_run_that_finished_in_time_says_so()
    {
        await using Harness harness = await StartAsync(TimeSpan.FromSeconds(1), iterations: 3);
        JobLimits limits = new() { TimeLimit = TimeSpan.FromSeconds(5) };
        Assert.Equal(StopReason.Iterations, (await Harness.Soon(harness.Submit(limits: limits).Completion)).Outcome.StopReason);
    }

    private static async Task<Harness> StartAsync(TimeSpan perPiece, int decodeSteps = 0, int iterations = 1000)
    {
        Harness? harness = null;
        harness = await Harness.StartAsync(
            _ => new ScriptedRun
            {
                DecodeSteps = decodeSteps,
                Iterations = iterations,
                OnAdvance = _ => harness!.Clock.Advance(perPiece),
            },
            OneWithMargin);
        return harness;
    }
}
