using SeaGrpc.Alignment;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

/// <summary>Jobs run beside each other only while their memory fits.</summary>
public sealed class MemoryBudgetTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task A_job_that_can_never_fit_is_refused_with_the_figures_and_its_place_is_free()
    {
        await using Harness harness = await Harness.StartAsync(
            _ =>
                new ScriptedRun(), new EngineOptions { MaxConcurrentJobs = 1, MaxQueuedJobs = 0, MemoryBudgetMiB = 10 },
                memoryBytes: seed => (long)seed * MiB);
        var refused = Assert.Throws<JobTooLargeException>(() => harness.Submit(11));
        Assert.Contains("11 MiB", refused.Message, StringComparison.Ordinal);
        Assert.Contains("10 MiB", refused.Message, StringComparison.Ordinal);
        await Harness.Soon(harness.Submit(10).Completion);
    }

    [Fact]
    public async Task A_job_waits_until_it_fits_beside_the_others_and_is_not_overtaken()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(
            seed => new ScriptedRun { OnAdvance = _ => gate.Pass() },
            new EngineOptions { MaxConcurrentJobs = 4, MemoryBudgetMiB = 10 },
            memoryBytes: seed => (long)seed * MiB);
        AlignmentJob first = harness.Submit(6);
        await gate.ArrivalAsync();
        AlignmentJob large = harness.Submit(5);
        AlignmentJob small = harness.Submit(1);
        Assert.Equal(1, (await Harness.NextAsync<JobQueued>(large)).Position);
        gate.Permit();
        await gate.ArrivalAsync();
        Assert.Equal((1, 2), (harness.Engine.RunningJobs, harness.Engine.QueuedJobs));
        gate.Open();
        await Harness.Soon(Task.WhenAll(first.Completion, large.Completion, small.Completion));
    }

    [Fact]
    public void More_chains_samples_and_tokens_need_more_memory()
    {
        using AlignmentModels models = TinyModels.Load();
        EncodedPrompt prompt = models.Prompts.EncodeText("abc");
        long Of(MethodParameters method, int tokens = 8) => TaskMemory.Of(
            models, new AlignmentTask { Prompt = prompt, Method = method, Seed = 1, MaxResponseTokens = tokens }).Total;

        Assert.True(Of(SeaParameters.Langevin with { Chains = 8 }) > Of(SeaParameters.Langevin));
        Assert.True(Of(SeaParameters.Langevin, 16) > Of(SeaParameters.Langevin));
        Assert.True(Of(new BestOfNParameters { SampleCount = 64 }) > Of(new BestOfNParameters { SampleCount = 8 }));
        Assert.True(Of(new BaseParameters()) > 0);
    }

    [Fact]
    public void A_prompt_that_rows_share_is_counted_once()
    {
        using AlignmentModels models = TinyModels.Load();
        long Caches(int samples, string prompt) => TaskMemory.Of(models, new AlignmentTask
        {
            Prompt = models.Prompts.EncodeText(prompt),
            Method = new BestOfNParameters { SampleCount = samples },
            Seed = 1,
            MaxResponseTokens = 8,
        }).Caches;

        string text = new('a', 40);
        Assert.Equal(Caches(2, text) - Caches(2, "a"), Caches(60, text) - Caches(60, "a"));
        Assert.True(Caches(60, "a") > Caches(2, "a"));
    }
}
