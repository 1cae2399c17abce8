using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Requests;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

/// <summary>A caller's draft is a best so far from its submission on.</summary>
public sealed class DraftTests
{
    private static readonly int[] Draft = [5, 6, 7];
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly EngineOptions One = new() { MaxConcurrentJobs = 1, DeadlineMargin = TimeSpan.Zero };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Time_that_is_up_before_the_draft_is_scored_answers_with_it_unscored(bool byDeadline)
    {
        await using Harness harness = await StartAsync(Second, decodeSteps: 100);
        JobLimits limits = byDeadline ? harness.Until(5 * Second) : new JobLimits { TimeLimit = 5 * Second };

        List<AlignmentUpdate> events = await Harness.ReadAllAsync(harness.Submit(limits: limits, draft: Draft));

        Assert.IsType<JobStarted>(events[0]);
        AssertUnscored(Assert.IsType<JobFinished>(events[1]));
        Assert.Equal(2, events.Count);
    }

    [Fact]
    public async Task A_piece_of_work_that_outlasts_the_time_costs_no_answer()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { Iterations = 100, OnAdvance = _ => gate.Pass() }, One);
        AlignmentJob unread = harness.Submit(limits: harness.Until(5 * Second), draft: Draft);
        await gate.ArrivalAsync();
        harness.Clock.Advance(5 * Second); // In the middle of the first piece.
        AssertUnscored(await Harness.Soon(unread.Completion));

        AlignmentJob iterating = harness.Submit(1, harness.Until(5 * Second));
        gate.Permit(3);
        for (int piece = 0; piece < 3; piece++)
        {
            await gate.ArrivalAsync();
        }

        harness.Clock.Advance(5 * Second); // In the middle of its second iteration.
        JobFinished finished = await Harness.Soon(iterating.Completion);
        Assert.Equal((StopReason.TimeLimit, 1), (finished.Outcome.StopReason, finished.Outcome.IterationsRun));

        gate.Open();
        await harness.DisposeAsync();
        Assert.All(harness.Backend.Runs, run => Assert.Equal(1, run.Disposals));
    }

    [Fact]
    public async Task A_draft_whose_deadline_passes_in_the_queue_is_the_answer_without_a_run()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, One);
        harness.Submit();
        await gate.ArrivalAsync();
        AlignmentJob job = harness.Submit(1, harness.Until(5 * Second), draft: Draft);
        harness.Clock.Advance(5 * Second);

        List<AlignmentUpdate> events = await Harness.ReadAllAsync(job);

        Assert.IsType<JobQueued>(events[0]);
        Assert.Equal(5 * Second, Assert.IsType<JobStarted>(events[1]).Queued);
        JobFinished finished = Assert.IsType<JobFinished>(events[2]);
        AssertUnscored(finished);
        Assert.Equal((5 * Second, TimeSpan.Zero), (finished.Queued, finished.Running));
        Assert.Equal(0, harness.Engine.QueuedJobs);
        gate.Open();
        await harness.DisposeAsync();
        Assert.Single(harness.Backend.Runs);
    }

    [Fact]
    public async Task A_pressed_draft_is_scored_while_it_waits()
    {
        using var gate = new Gate();
        List<int> scored = [];
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { Iterations = 100, OnAdvance = _ => gate.Pass() }, One, onScore: scored.Add);
        harness.Submit();
        await gate.ArrivalAsync();
        AlignmentJob relaxed = harness.Submit(1, harness.Until(TimeSpan.FromHours(1)), draft: Draft);
        AlignmentJob pressed = harness.Submit(2, harness.Until(2 * Second), draft: Draft);
        gate.Permit(2);
        await gate.ArrivalAsync();
        await gate.ArrivalAsync(); // A turn has passed since both wait.
        harness.Clock.Advance(2 * Second);

        List<AlignmentUpdate> events = await Harness.ReadAllAsync(pressed);

        Assert.Equal([1], scored);
        Assert.Equal(Harness.TaskOf(2).Method.ReferenceTemperature, harness.Backend.ReferenceTemperature);
        JobFinished finished = Assert.IsType<JobFinished>(events[^1]);
        Assert.Equal(StopReason.TimeLimit, finished.Outcome.StopReason);
        Assert.True(finished.Outcome.Response is { IsScored: true, Reward: 3 }); // The scripted score of three tokens.
        Assert.Equal(finished.Outcome.Draft, Assert.IsType<DraftUpdate>(events[^2]).Best);
        Assert.False(relaxed.Completion.IsCompleted);
        gate.Open();
    }

    [Fact]
    public async Task Jobs_whose_drafts_are_pressed_go_before_those_that_have_an_answer()
    {
        using var gate = new Gate();
        List<ulong> turns = [];
        await using Harness harness = await Harness.StartAsync(
            seed => new ScriptedRun
            {
                DecodeSteps = 1,
                OnAdvance = _ =>
                {
                    gate.Pass();
                    turns.Add(seed);
                },
            },
            new EngineOptions { MaxConcurrentJobs = 3 });
        AlignmentJob first = harness.Submit(1);
        await gate.ArrivalAsync();
        AlignmentJob[] jobs = [first, harness.Submit(2), harness.Submit(3, harness.Until(TimeSpan.FromHours(1)), draft: Draft)];
        gate.Open();
        await Harness.Soon(Task.WhenAll(jobs.Select(job => job.Completion)));

        Assert.Equal([1ul, 3, 3], turns.Take(3));
    }

    [Theory]
    [InlineData(StopReason.Cancelled)]
    [InlineData(StopReason.Draining)]
    [InlineData(StopReason.TimeLimit)]
    public async Task Whatever_ends_the_wait_a_draft_is_the_answer_and_its_replay(StopReason reason)
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() }, One);
        harness.Submit();
        await gate.ArrivalAsync();
        JobLimits limits = harness.Until(TimeSpan.FromHours(1)) with { QueueTimeout = Second };
        var key = new RequestKey("mine", "print");
        AlignmentJob job = harness.Submit(1, limits, key: key, draft: Draft);
        AlignmentJob without = harness.Submit(2, limits);

        End(harness, reason, job, without);
        List<AlignmentUpdate> events = await Harness.ReadAllAsync(job);

        Assert.Equal([typeof(JobQueued), typeof(JobStarted), typeof(JobFinished)], events.Select(next => next.GetType()));
        AssertUnscored((JobFinished)events[^1], reason);
        Assert.Equal(0, harness.Engine.QueuedJobs);
        Assert.False(job.Cancel());
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => Harness.Soon(without.Completion));
        Assert.Equal(
            reason switch
            {
                StopReason.Cancelled => typeof(AlignmentCancelledException),
                StopReason.Draining => typeof(EngineUnavailableException),
                _ => typeof(QueueTimeoutException),
            },
            failure.GetType());
        if (reason != StopReason.Draining)
        {
            AssertUnscored(await Harness.Soon(harness.Submit(1, limits, key: key, draft: Draft).Completion), reason);
        }

        gate.Open();
        await harness.DisposeAsync();
        Assert.Single(harness.Backend.Runs);
    }

    [Fact]
    public async Task A_request_cancelled_by_its_id_before_it_waits_gives_its_draft_back()
    {
        await using Harness harness = await StartAsync(Second);
        using JobSlot slot = harness.Engine.Reserve(new RequestKey("mine", "print"));
        Assert.Equal(CancelResult.Cancelling, harness.Engine.CancelRequest("mine"));
        AssertUnscored(await Harness.Soon(slot.Submit(Harness.TaskOf(1, Draft)).Completion), StopReason.Cancelled);
        Assert.Equal((0, 0), (harness.Engine.QueuedJobs, harness.Engine.RunningJobs));
    }

    [Fact]
    public async Task A_drain_whose_budget_is_over_costs_no_answer()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun { Iterations = 100, OnAdvance = _ => gate.Pass() }, One);
        AlignmentJob unread = harness.Submit(draft: Draft);
        await gate.ArrivalAsync();

        Task<bool> drained = harness.Engine.DrainAsync(5 * Second);
        harness.Clock.Advance(5 * Second); // In the middle of the first piece.

        AssertUnscored(await Harness.Soon(unread.Completion), StopReason.Draining);
        Assert.False(await Harness.Soon(drained));
        gate.Open();
    }

    [Fact]
    public async Task A_job_cancelled_before_its_draft_is_scored_gives_it_back()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { DecodeSteps = 10, OnAdvance = _ => gate.Pass() });
        AlignmentJob job = harness.Submit(draft: Draft);
        await gate.ArrivalAsync();
        job.Cancel();
        gate.Permit();

        AlignmentOutcome outcome = (await Harness.Soon(job.Completion)).Outcome;
        Assert.Equal(StopReason.Cancelled, outcome.StopReason);
        Assert.Equal(Draft, outcome.Response.Tokens);
    }

    [Fact]
    public async Task Too_little_time_for_the_draft_is_refused_at_once_where_the_pace_is_known_and_fresh()
    {
        await using Harness harness = await StartAsync(Second, iterations: 1);
        for (ulong seed = 0; seed < 4; seed++)
        {
            // Not even a hundredth of what it takes, but nothing is known yet.
            AlignmentJob early = harness.Submit(seed, harness.Until(Second / 100), draft: Draft);
            Assert.Equal(StopReason.TimeLimit, (await Harness.Soon(early.Completion)).Outcome.StopReason);
            await Harness.Soon(harness.Submit(seed + 10, draft: Draft).Completion);
        }

        foreach (JobLimits limits in (JobLimits[])[harness.Until(Second / 2), new JobLimits { TimeLimit = Second / 2 }])
        {
            TooLittleTimeException refused = Assert.Throws<TooLittleTimeException>(() => harness.Submit(20, limits, draft: Draft));
            Assert.Equal((Second, TimeSpan.Zero, Second / 2, true), (refused.Own, refused.Others, refused.Left, refused.IsHopeless));
            Assert.Equal((1 + Draft.Length) / 2, refused.FittingTokens);
        }

        await Harness.Soon(harness.Submit(21, harness.Until(2 * Second), draft: Draft).Completion);
        harness.Clock.Advance(60 * Second); // What was measured is old.
        await Harness.Soon(harness.Submit(22, harness.Until(Second / 2), draft: Draft).Completion);
        await Harness.UntilAsync(() => harness.Engine.RunningJobs + harness.Engine.QueuedJobs == 0); // Its time was up: the device follows.
    }

    [Fact]
    public async Task Drafts_with_nearer_deadlines_count_before_a_calls_own()
    {
        using var gate = new Gate();
        Harness? harness = null;
        await using Harness owner = harness = await Harness.StartAsync(
            seed => new ScriptedRun
            {
                Iterations = 1,
                OnAdvance = _ =>
                {
                    harness!.Clock.Advance(Second);
                    if (seed == 99)
                    {
                        gate.Pass();
                    }
                },
            },
            One);
        for (ulong seed = 0; seed < 4; seed++)
        {
            await Harness.Soon(harness.Submit(seed, draft: Draft).Completion);
        }

        harness.Submit(99);
        await gate.ArrivalAsync();
        harness.Submit(5, harness.Until(1.1 * Second), draft: Draft);

        TooLittleTimeException refused = Assert.Throws<TooLittleTimeException>(
            () => harness.Submit(6, harness.Until(1.5 * Second), draft: Draft));
        Assert.Equal((Second, Second, false), (refused.Own, refused.Others, refused.IsHopeless));
        harness.Submit(7, harness.Until(1.05 * Second), draft: Draft); // Before the other's deadline.
        gate.Open();
    }

    private static void End(Harness harness, StopReason reason, params AlignmentJob[] jobs)
    {
        switch (reason)
        {
            case StopReason.Cancelled:
                Assert.All(jobs, job => Assert.True(job.Cancel()));
                break;
            case StopReason.Draining:
                _ = harness.Engine.DrainAsync(TimeSpan.FromSeconds(10));
                break;
            default:
                harness.Clock.Advance(Second); // The queue timeout.
                break;
        }
    }

    private static void AssertUnscored(JobFinished finished, StopReason reason = StopReason.TimeLimit)
    {
        Assert.Equal((reason, 0, 0), (finished.Outcome.StopReason, finished.Outcome.Iteration, finished.Outcome.IterationsRun));
        Assert.Equal(Draft, finished.Outcome.Response.Tokens);
        Assert.True(finished.Outcome.Response is { IsScored: false, EndsWithEos: true });
        Assert.Equal(Draft, finished.Outcome.Draft.Tokens);
    }

    private static async Task<Harness> StartAsync(TimeSpan perPiece, int decodeSteps = 0, int iterations = 1000)
    {
        Harness? harness = null;
        harness = await Harness.StartAsync(
            _ =>
                new ScriptedRun { DecodeSteps = decodeSteps, Iterations = iterations, OnAdvance = _ => harness!.Clock.Advance(perPiece) },
                One);
        return harness;
    }
}
