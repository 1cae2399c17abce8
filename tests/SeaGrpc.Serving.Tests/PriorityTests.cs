using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

/// <summary>The order of the queue.</summary>
public sealed class PriorityTests
{
    [Fact]
    public async Task A_job_of_higher_priority_goes_first_but_not_before_one_that_has_waited_long()
    {
        using var gate = new Gate();
        List<ulong> started = [];
        await using Harness harness = await Harness.StartAsync(
            seed => Recording(gate, seed, started),
            new EngineOptions { MaxConcurrentJobs = 1, PriorityStep = TimeSpan.FromSeconds(10), QueueTimeout = TimeSpan.FromMinutes(10) });
        List<AlignmentJob> jobs = [harness.Submit(0)];
        await gate.ArrivalAsync();
        jobs.Add(harness.Submit(1));
        harness.Clock.Advance(TimeSpan.FromSeconds(15));
        jobs.Add(harness.Submit(2, new JobLimits { Priority = -1 }));
        jobs.Add(harness.Submit(3));
        jobs.Add(harness.Submit(4, new JobLimits { Priority = 1 }));
        gate.Open();
        await Harness.Soon(Task.WhenAll(jobs.Select(job => job.Completion)));

        // The first to wait is 15 s ahead of the urgent one, which is worth 10 s.
        Assert.Equal([0ul, 1, 4, 3, 2], started);
    }

    [Fact]
    public async Task Callers_of_one_priority_take_turns_and_one_with_a_single_job_does_not_wait_for_all_of_anothers()
    {
        using var gate = new Gate();
        List<ulong> started = [];
        await using Harness harness = await Harness.StartAsync(
            seed => Recording(gate, seed, started),
            new EngineOptions { MaxConcurrentJobs = 1, QueueTimeout = TimeSpan.FromMinutes(10) });
        List<AlignmentJob> jobs = [harness.Submit(0)];
        await gate.ArrivalAsync();
        jobs.AddRange(Enumerable.Range(11, 4).Select(seed => harness.Submit((ulong)seed, caller: "one")));
        harness.Clock.Advance(TimeSpan.FromMilliseconds(500));
        jobs.AddRange(Enumerable.Range(21, 3).Select(seed => harness.Submit((ulong)seed, caller: "two")));
        jobs.Add(harness.Submit(31, caller: "three"));
        jobs.Add(harness.Submit(25, new JobLimits { Priority = 1 }, caller: "two"));
        gate.Open();
        await Harness.Soon(Task.WhenAll(jobs.Select(job => job.Completion)));

        // Before anything has ended, the interval is 1 s.
        Assert.Equal([0ul, 25, 11, 21, 31, 12, 22, 13, 23, 14], started);
    }

    private static ScriptedRun Recording(Gate gate, ulong seed, List<ulong> started) =>
        new()
        {
            OnAdvance = number =>
            {
                gate.Pass();
                if (number == 1)
                {
                    started.Add(seed);
                }
            },
        };
}
