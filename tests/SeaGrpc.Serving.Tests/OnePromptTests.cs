using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing;

namespace SeaGrpc.Serving.Tests;

/// <summary>Jobs of one prompt that run side by side read what they have in common once.</summary>
public sealed class OnePromptTests
{
    private const int Jobs = 4;
    private static readonly int[] Draft = [65, 66, 67, 68, 69, 70];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task They_answer_as_alone_and_read_less(int commonLayers)
    {
        (AlignmentOutcome[] alone, long readAlone) = await RunAsync(concurrent: 1, commonLayers);
        (AlignmentOutcome[] together, long readTogether) = await RunAsync(concurrent: Jobs, commonLayers);

        Assert.Equal(alone.Select(Text), together.Select(Text));
        Assert.True(readTogether < readAlone, $"{readTogether} of {readAlone} positions were read.");
        Assert.Equal(
            readAlone + alone.Sum(outcome => outcome.Cost.ReusedTokens), readTogether + together.Sum(outcome => outcome.Cost.ReusedTokens));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task One_that_is_cancelled_at_a_pass_leaves_the_others_to_read_it(int commonLayers)
    {
        (AlignmentOutcome[] alone, _) = await RunAsync(concurrent: 1, commonLayers);
        (AlignmentOutcome[] together, _) = await RunAsync(concurrent: Jobs, commonLayers, cancelsFirst: true);
        Assert.Equal(alone.Skip(1).Select(Text), together.Skip(1).Select(Text));
    }

    private static AlignmentModels Models(int commonLayers)
    {
        if (commonLayers == 0)
        {
            return TinyModels.Load();
        }

        using var folder = new TemporaryFolder();
        CommonLayers.Write(folder, commonLayers);
        return CommonLayers.Load(folder);
    }

    private static string Text(AlignmentOutcome outcome) =>
        $"{string.Join(' ', outcome.Response.Tokens)} {outcome.Response.Energy:R} {outcome.Response.Reward:R} {outcome.Draft.Energy:R} "
            + $"{outcome.Cost with { ReusedTokens = 0 }}";

    private static async Task<(AlignmentOutcome[] Outcomes, long Read)> RunAsync(
        int concurrent, int commonLayers, bool cancelsFirst = false)
    {
        AlignmentModels? models = null;
        await using var engine = new AlignmentEngine(
            () => models = Models(commonLayers),
            new EngineOptions { MaxConcurrentJobs = concurrent, MaxQueuedJobs = Jobs, QueueTimeout = TimeSpan.FromMinutes(10) });
        await engine.Loaded.WaitAsync(Patience);
        var task = new AlignmentTask
        {
            Prompt = models!.Prompts.EncodeText("abc"),
            Method = new EnergySearchParameters { BeamWidth = 3, Candidates = 5, Iterations = 2, MaxFluencyLoss = 100, Widenings = 0 },
            Seed = 0,
            MaxResponseTokens = 12,
            Draft = Draft,
        };
        AlignmentJob[] jobs = [.. Enumerable.Range(1, Jobs).Select(seed =>
        {
            using JobSlot slot = engine.Reserve();
            return slot.Submit(task with { Seed = (ulong)seed });
        })];
        if (cancelsFirst)
        {
            await Harness.NextAsync<JobStarted>(jobs[0]);
            await Harness.NextAsync<DraftUpdate>(jobs[0]);
            jobs[0].Cancel();
        }

        JobFinished[] ends = await Task.WhenAll(jobs.Select(job => job.Completion)).WaitAsync(Patience);
        await Harness.UntilAsync(() => engine.RunningJobs == 0);
        Assert.Equal(0, models.KeptBytes);
        return (
            [.. ends.Select(end => end.Outcome)],
            models.Policy.Decoder.PositionsRead + models.Rewards.OfType<ModelReward>()
                .Sum(reward => reward.Model.Decoder.PositionsRead));
    }
}
