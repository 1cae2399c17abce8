using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling.Batching;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

/// <summary>Jobs that wait for something outside the process, such as a reward that runs elsewhere.</summary>
public sealed class OutsideTests
{
    private static readonly EngineOptions Two = new() { MaxConcurrentJobs = 2 };

    [Fact]
    public async Task While_a_job_waits_the_others_run_and_new_ones_start()
    {
        var answer = new TaskCompletionSource<int>();
        await using Harness harness = await Harness.StartAsync(seed => seed == 1 ? Waiting(answer, at: 3) : new ScriptedRun(), Two);
        AlignmentJob waiting = harness.Submit(seed: 1);
        await Harness.NextAsync<JobStarted>(waiting);
        await Harness.NextAsync<DraftUpdate>(waiting);
        for (ulong seed = 2; seed < 5; seed++)
        {
            Assert.Equal(StopReason.Iterations, (await Harness.Soon(harness.Submit(seed).Completion)).Outcome.StopReason);
        }

        Assert.False(waiting.Completion.IsCompleted);
        answer.SetResult(5);
        Assert.Equal(3, (await Harness.Soon(waiting.Completion)).Outcome.Iteration);
    }

    [Fact]
    public async Task A_job_with_a_deadline_and_an_unread_draft_that_waits_delays_no_other()
    {
        var answer = new TaskCompletionSource<int>();
        await using Harness harness = await Harness.StartAsync(seed => seed == 1 ? Waiting(answer, at: 1) : new ScriptedRun(), Two);
        AlignmentJob waiting = harness.Submit(seed: 1, limits: harness.Until(TimeSpan.FromHours(1)), draft: [1, 2]);
        await Harness.NextAsync<JobStarted>(waiting);
        Assert.Equal(StopReason.Iterations, (await Harness.Soon(harness.Submit(seed: 2).Completion)).Outcome.StopReason);
        answer.SetResult(5);
        await Harness.Soon(waiting.Completion);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_job_that_waits_can_be_cancelled_and_stops_asking(int at)
    {
        CancellationToken asked = default;
        var answer = new TaskCompletionSource<int>();
        await using Harness harness = await Harness.StartAsync(_ => Waiting(answer, at, token => asked = token));
        AlignmentJob job = harness.Submit();
        await Harness.UntilAsync(() => asked.CanBeCanceled);
        job.Cancel();
        if (at == 1)
        {
            await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(job.Completion));
        }
        else
        {
            AlignmentOutcome outcome = (await Harness.Soon(job.Completion)).Outcome;
            Assert.Equal((StopReason.Cancelled, 1), (outcome.StopReason, outcome.Iteration));
        }

        Assert.True(asked.IsCancellationRequested);
        await Harness.UntilAsync(() => harness.Engine.RunningJobs == 0);
    }

    [Fact]
    public async Task A_job_that_waits_ends_when_its_time_is_up()
    {
        CancellationToken asked = default;
        await using Harness harness = await Harness.StartAsync(_ => Waiting(new TaskCompletionSource<int>(), 1, token => asked = token));
        AlignmentJob job = harness.Submit(limits: new JobLimits { TimeLimit = TimeSpan.FromSeconds(5) });
        await Harness.UntilAsync(() => asked.CanBeCanceled);
        harness.Clock.Advance(TimeSpan.FromSeconds(6));
        await Assert.ThrowsAsync<AlignmentDeadlineException>(() => Harness.Soon(job.Completion));
        await Harness.UntilAsync(() => harness.Engine.RunningJobs == 0);
    }

    [Fact]
    public async Task An_engine_ends_though_a_job_waits()
    {
        CancellationToken asked = default;
        Harness harness = await Harness.StartAsync(
            _ => Waiting(new TaskCompletionSource<int>(), 1, token => asked = token),
            new EngineOptions { MaxConcurrentJobs = 1, DrainBudget = TimeSpan.Zero });
        AlignmentJob job = harness.Submit();
        await Harness.UntilAsync(() => asked.CanBeCanceled);
        await harness.DisposeAsync();
        await Assert.ThrowsAsync<EngineUnavailableException>(() => Harness.Soon(job.Completion));
        Assert.True(harness.Backend.IsDisposed);
    }

    [Fact]
    public async Task A_reward_that_fails_ends_the_job_with_the_best_from_before()
    {
        await using Harness harness = await Harness.StartAsync(_ => Failing(at: 4));
        AlignmentOutcome outcome = (await Harness.Soon(harness.Submit().Completion)).Outcome;
        Assert.Equal((StopReason.RewardFailed, 2, 2.0), (outcome.StopReason, outcome.Iteration, outcome.Response.Reward));
        Assert.Equal(1, harness.Backend.Runs.Single().Disposals);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reward_that_fails_before_anything_is_scored_fails_the_job(bool hasDraft)
    {
        await using Harness harness = await Harness.StartAsync(_ => Failing(at: 1));
        AlignmentJob job = harness.Submit(draft: hasDraft ? [1, 2] : null);
        RewardFailedException failure = await Assert.ThrowsAsync<RewardFailedException>(() => Harness.Soon(job.Completion));
        Assert.Equal("The reward judge at http://there broke.", failure.Message);
    }

    private static ScriptedRun Failing(int at) => new()
    {
        Iterations = 9,
        OnAdvance = number =>
        {
            if (number == at)
            {
                throw new RewardFailedException("judge", "http://there", "broke.");
            }
        },
    };

    private static ScriptedRun Waiting(TaskCompletionSource<int> answer, int at, Action<CancellationToken>? onAsk = null) => new()
    {
        DecodeSteps = 1,
        OnAdvance = number =>
        {
            if (number == at)
            {
                OutsideWork.Await(stop =>
                {
                    onAsk?.Invoke(stop);
                    return answer.Task;
                });
            }
        },
    };
}
