using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class AdmissionTests
{
    private static readonly EngineOptions OneAndTwo = new() { MaxConcurrentJobs = 1, MaxQueuedJobs = 2 };

    [Fact]
    public async Task Slots_running_waiting_and_reserved_are_bounded_together()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, OneAndTwo);
        AlignmentJob running = harness.Submit();
        await gate.ArrivalAsync();
        harness.Submit();
        using JobSlot reserved = harness.Engine.Reserve();

        QueueFullException full = Assert.Throws<QueueFullException>(() => harness.Engine.Reserve());
        Assert.Equal(3, full.Capacity);
        Assert.Equal(TimeSpan.FromSeconds(1), full.RetryAfter);

        reserved.Dispose();
        reserved.Dispose();
        using JobSlot again = harness.Engine.Reserve();
        Assert.Throws<QueueFullException>(() => harness.Engine.Reserve());

        gate.Permit(4);
        await Harness.Soon(running.Completion);
        harness.Engine.Reserve().Dispose();
        gate.Open();
    }

    [Fact]
    public async Task Waiting_jobs_start_in_the_order_of_their_submission()
    {
        using var gate = new Gate();
        List<ulong> started = [];
        await using Harness harness = await Harness.StartAsync(seed =>
        {
            started.Add(seed);
            return new ScriptedRun { OnAdvance = _ => gate.Pass() };
        });
        AlignmentJob[] jobs = [.. Enumerable.Range(0, 6).Select(i => harness.Submit((ulong)i))];
        gate.Open();
        await Harness.Soon(Task.WhenAll(jobs.Select(job => job.Completion)));
        Assert.Equal([0ul, 1, 2, 3, 4, 5], started);
    }

    [Fact]
    public async Task Running_jobs_take_turns()
    {
        using var gate = new Gate();
        List<ulong> turns = [];
        await using Harness harness = await Harness.StartAsync(
            seed => new ScriptedRun
            {
                OnAdvance = _ =>
                {
                    gate.Pass();
                    turns.Add(seed);
                },
            },
            new EngineOptions { MaxConcurrentJobs = 3 });
        AlignmentJob first = harness.Submit(1);
        await gate.ArrivalAsync();
        AlignmentJob[] jobs = [first, harness.Submit(2), harness.Submit(3)];
        gate.Open();
        await Harness.Soon(Task.WhenAll(jobs.Select(job => job.Completion)));

        // The first is alone in its first turn, and back in line before the others are admitted.
        Assert.Equal([1ul, 1, 2, 3, 1, 2, 3, 1, 2, 3, 2, 3], turns);
    }

    [Fact]
    public async Task A_queue_timeout_ends_a_waiting_job_even_while_the_device_is_busy()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, OneAndTwo);
        harness.Submit();
        await gate.ArrivalAsync();
        AlignmentJob hasty = harness.Submit(limits: new JobLimits { QueueTimeout = TimeSpan.FromSeconds(2) });
        AlignmentJob patient = harness.Submit();

        harness.Clock.Advance(TimeSpan.FromSeconds(2));
        await Harness.NextAsync<JobQueued>(hasty);
        QueueTimeoutException late = await Assert.ThrowsAsync<QueueTimeoutException>(() => hasty.ReadAsync().AsTask());
        Assert.Equal(TimeSpan.FromSeconds(2), late.Timeout);
        Assert.Equal(1, harness.Engine.QueuedJobs);

        harness.Clock.Advance(TimeSpan.FromSeconds(28));
        await Harness.NextAsync<JobQueued>(patient);
        await Assert.ThrowsAsync<QueueTimeoutException>(() => patient.ReadAsync().AsTask());
        gate.Open();
    }

    [Fact]
    public async Task The_retry_estimate_follows_recent_runs()
    {
        Harness? harness = null;
        using var gate = new Gate();
        await using Harness owner = harness = await Harness.StartAsync(
            seed => new ScriptedRun
            {
                Iterations = 1,
                OnAdvance = _ =>
                {
                    if (seed == 0)
                    {
                        harness!.Clock.Advance(TimeSpan.FromSeconds(4));
                    }
                    else
                    {
                        gate.Pass();
                    }
                },
            },
            new EngineOptions { MaxConcurrentJobs = 2, MaxQueuedJobs = 0 });
        await Harness.Soon(harness.Submit(0).Completion);
        harness.Submit(1);
        harness.Submit(1);

        Assert.Equal(TimeSpan.FromSeconds(4), Assert.Throws<QueueFullException>(() => harness.Engine.Reserve()).RetryAfter);
        gate.Open();
    }

    [Fact]
    public async Task A_slot_takes_one_submission()
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun());
        using JobSlot slot = harness.Engine.Reserve();
        slot.Submit(Harness.TaskOf(0));
        Assert.Throws<InvalidOperationException>(() => slot.Submit(Harness.TaskOf(0)));
    }

    [Fact]
    public async Task Nothing_is_admitted_while_loading_and_a_failed_load_is_told()
    {
        using var gate = new Gate();
        await using var engine = new AlignmentEngine(() =>
        {
            gate.Pass();
            throw new InvalidDataException("weights missing");
        });
        Assert.Equal(EngineState.Loading, Assert.Throws<EngineUnavailableException>(() => engine.Reserve()).State);

        gate.Open();
        await Assert.ThrowsAsync<InvalidDataException>(() => Harness.Soon(engine.Loaded));
        Assert.Equal(EngineState.Failed, Assert.Throws<EngineUnavailableException>(() => engine.Reserve()).State);
    }

    [Fact]
    public void A_setting_out_of_range_names_itself()
    {
        var error = Assert.Throws<System.ComponentModel.DataAnnotations.ValidationException>(
            () => new AlignmentEngine(() => throw new InvalidOperationException(), new EngineOptions { MaxConcurrentJobs = 0 }));
        Assert.Contains(nameof(EngineOptions.MaxConcurrentJobs), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_ends_by_the_reason_that_its_run_gives()
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { FinishReason = StopReason.Converged });
        Assert.Equal(StopReason.Converged, (await Harness.Soon(harness.Submit().Completion)).Outcome.StopReason);
    }

    [Fact]
    public async Task A_call_without_a_draft_whose_deadline_would_pass_in_the_queue_is_refused_at_once()
    {
        TimeSpan second = TimeSpan.FromSeconds(1);
        using var gate = new Gate();
        Harness? harness = null;
        await using Harness owner = harness = await Harness.StartAsync(seed => new ScriptedRun
        {
            Iterations = 1,
            OnAdvance = _ =>
            {
                harness!.Clock.Advance(second);
                if (seed >= 90)
                {
                    gate.Pass();
                }
            },
        });
        for (ulong seed = 1; seed <= 4; seed++)
        {
            await Harness.Soon(harness.Submit(seed).Completion); // Two seconds each, one to the first answer.
        }

        harness.Submit(90);
        await gate.ArrivalAsync();
        harness.Submit(91);

        QueueTooLongException refused = Assert.Throws<QueueTooLongException>(() => harness.Submit(92, harness.Until(4.9 * second)));
        Assert.Equal(5 * second, refused.Needed);
        Assert.InRange(refused.RetryAfter, TimeSpan.Zero, second);
        harness.Submit(93, harness.Until(4.9 * second), draft: [1]);
        harness.Submit(94, harness.Until(60 * second));
        harness.Submit(95, new JobLimits { TimeLimit = second });
        gate.Open();
    }
}
