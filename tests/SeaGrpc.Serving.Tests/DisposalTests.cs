using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

[Trait("tier", "slow")]
public sealed class DisposalTests
{
    /// <summary>A scripted run throws when another thread disposes it, and the count then differs.</summary>
    [Fact]
    public async Task A_thousand_runs_that_end_in_every_way_are_each_disposed_once_on_the_model_thread()
    {
        const int Jobs = 1000;
        int disposed = 0;
        Harness harness = await Harness.StartAsync(
            seed => new ScriptedRun
            {
                DecodeSteps = (int)(seed % 3),
                Iterations = 5 + (int)(seed % 20),
                OnAdvance = number =>
                {
                    if (seed % 7 == 3 && number == 4)
                    {
                        throw new NumericFailureException("scripted");
                    }

                    Thread.Yield();
                },
                OnDispose = _ => disposed++,
            },
            new EngineOptions { MaxConcurrentJobs = 3, MaxQueuedJobs = Jobs });
        List<AlignmentJob> jobs = [];
        for (int i = 0; i < Jobs; i++)
        {
            JobLimits limits = new()
            {
                TimeLimit = i % 11 == 0 ? TimeSpan.FromTicks(1) : null,
                QueueTimeout = i % 13 == 0 ? TimeSpan.FromMilliseconds(3) : null,
                Deadline = i % 17 == 0 ? harness.Clock.GetUtcNow() + TimeSpan.FromMilliseconds(20) : null,
            };
            harness.Clock.Advance(TimeSpan.FromMilliseconds(1));
            try
            {
                jobs.Add(harness.Submit((ulong)i, limits));
            }
            catch (QueueTooLongException)
            {
                continue; // The runs so far were so slow that its deadline could not be met.
            }

            _ = (i % 5) switch
            {
                0 => jobs[jobs.Count / 2].Cancel(),
                1 => jobs[^1].Abandon(),
                2 => i % 10 == 2 && jobs[^2].Cancel(),
                _ => false,
            };
        }

        await Harness.Soon(Task.WhenAll(jobs.Take(jobs.Count / 2).Select(EndAsync)));
        await harness.DisposeAsync();
        await Harness.UntilAsync(() => harness.Backend.IsDisposed);
        string[] ends = await Harness.Soon(Task.WhenAll(jobs.Select(EndAsync)));

        Assert.Equal(harness.Backend.Runs.Count, disposed);
        Assert.All(harness.Backend.Runs, run => Assert.Equal(1, run.Disposals));
        Assert.Equal(0, harness.Engine.RunningJobs + harness.Engine.QueuedJobs);
        Assert.Contains(nameof(StopReason.Iterations), ends);
        Assert.Contains(nameof(NumericFailureException), ends);
        Assert.Contains(nameof(AlignmentCancelledException), ends);
    }

    private static async Task<string> EndAsync(AlignmentJob job)
    {
        try
        {
            return (await job.Completion).Outcome.StopReason.ToString();
        }
        catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
        {
            return failure.GetType().Name;
        }
    }
}
