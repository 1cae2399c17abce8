using System.Runtime.InteropServices;
using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class FailureTests
{
    [Fact]
    public async Task A_failing_run_fails_its_job_alone()
    {
        await using Harness harness = await StartAsync(
            seed => seed == 2 ? new NumericFailureException("the energy is NaN at iteration 1") : null);
        AlignmentJob[] jobs = [harness.Submit(1), harness.Submit(2), harness.Submit(3)];

        NumericFailureException failure = await Assert.ThrowsAsync<NumericFailureException>(() => Harness.Soon(jobs[1].Completion));
        Assert.Contains("iteration 1", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await Harness.Soon(jobs[0].Completion)).Outcome.IterationsRun);
        Assert.Equal(3, (await Harness.Soon(jobs[2].Completion)).Outcome.IterationsRun);
        Assert.All(harness.Backend.Runs, run => Assert.Equal(1, run.Disposals));
    }

    [Fact]
    public async Task What_was_told_before_a_failure_is_still_read()
    {
        await using Harness harness = await StartAsync(_ => new NumericFailureException("x"));
        AlignmentJob job = harness.Submit();
        await Harness.NextAsync<JobStarted>(job);
        await Harness.NextAsync<DraftUpdate>(job);
        await Assert.ThrowsAsync<NumericFailureException>(() => job.ReadAsync().AsTask());
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB")]
    [InlineData("CUDA error: out of memory")]
    [InlineData("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")]
    public async Task No_memory_fails_the_job_and_says_so(string message)
    {
        await using Harness harness = await StartAsync(seed => seed == 1 ? new TorchFailure(message) : null);
        await Assert.ThrowsAsync<DeviceMemoryException>(() => Harness.Soon(harness.Submit(1).Completion));
        await Harness.Soon(harness.Submit(0).Completion);
        Assert.Equal(EngineState.Ready, harness.Engine.State);
    }

    [Fact]
    public async Task A_lost_device_fails_everything_and_admits_nothing()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            seed => new ScriptedRun
            {
                OnAdvance = _ =>
                {
                    gate.Pass();
                    throw new TorchFailure("CUDA error: unspecified launch failure");
                },
            },
            new EngineOptions { MaxConcurrentJobs = 2 });
        AlignmentJob[] jobs = [harness.Submit(), harness.Submit(), harness.Submit()];
        gate.Open();

        foreach (AlignmentJob job in jobs)
        {
            var failure = await Assert.ThrowsAsync<EngineUnavailableException>(() => Harness.Soon(job.Completion));
            Assert.Equal(EngineState.Failed, failure.State);
        }

        Assert.Throws<EngineUnavailableException>(() => harness.Engine.Reserve());
        await harness.DisposeAsync();
        Assert.All(harness.Backend.Runs, run => Assert.Equal(1, run.Disposals));
        Assert.Equal(EngineState.Failed, harness.Engine.State);
    }

    [Fact]
    public async Task A_run_that_cannot_be_made_or_disposed_harms_no_other()
    {
        await using Harness harness = await Harness.StartAsync(seed => seed switch
        {
            1 => throw new InvalidOperationException("cannot start"),
            2 => new ScriptedRun { OnDispose = _ => throw new InvalidOperationException("cannot free") },
            _ => new ScriptedRun(),
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => Harness.Soon(harness.Submit(1).Completion));
        await Harness.Soon(harness.Submit(2).Completion);
        await Harness.Soon(harness.Submit(3).Completion);
        Assert.Equal(0, harness.Engine.RunningJobs);
    }

    private static Task<Harness> StartAsync(Func<ulong, Exception?> failure) => Harness.StartAsync(
        seed => new ScriptedRun
        {
            OnAdvance = number =>
            {
                if (number == 2 && failure(seed) is { } thrown)
                {
                    throw thrown;
                }
            },
        },
        new EngineOptions { MaxConcurrentJobs = 3 });

    /// <summary>Torch's failures come as an ExternalException with a text.</summary>
    private sealed class TorchFailure(string message) : ExternalException(message);
}
