using System.Globalization;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing;

namespace SeaGrpc.Serving.Tests;

/// <summary>What runs beside a job does not change its answer, though their model passes are done together.</summary>
[Trait("tier", "slow")]
public sealed class NeighbourTests
{
    private const int Jobs = 40;

    /// <summary>Products depend on their number of rows in other ways here than at the smallest sizes.</summary>
    private static readonly TinyShape EmbeddedWidths = new(
        Hidden: 128, Heads: 4, KeyValueHeads: 4, HeadSize: 32, FeedForward: 384, Deviation: 0.05);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task A_job_ends_the_same_bit_for_bit_whatever_ran_beside_it(int seed, bool asWideAsEmbedded)
    {
        TinyShape shape = asWideAsEmbedded ? EmbeddedWidths : new TinyShape();
        var random = new Random(seed);
        string[] prompts = ["abc", "a", "abc abc abc a", "cab bac", new string('b', 150)];
        Func<AlignmentModels, AlignmentTask>[] tasks = [.. Enumerable.Range(0, Jobs).Select(_ =>
        {
            string prompt = prompts[random.Next(prompts.Length)];
            MethodParameters method = MethodOf(random);
            ulong own = (ulong)random.NextInt64();
            int length = random.Next(1, 14);
            return (Func<AlignmentModels, AlignmentTask>)(models => new AlignmentTask
            {
                Prompt = models.Prompts.EncodeText(prompt),
                Method = method,
                Seed = own,
                MaxResponseTokens = length,
            });
        })];

        (string[] alone, _) = await RunAsync(tasks, shape, concurrent: 1);
        (string[] together, double shared) = await RunAsync(tasks, shape, concurrent: random.Next(2, 24));
        Assert.Equal(alone, together);
        Assert.True(shared > 1.2, $"There were {shared} passes in a batch: nothing was shared.");
    }

    private static MethodParameters MethodOf(Random random) =>
        random.Next(8) switch
        {
            0 => SeaParameters.Langevin with
            {
                Chains = random.Next(1, 5),
                Iterations = random.Next(1, 5),
                StepSize = random.NextDouble() + 0.1,
                RewardWeight = 1 + random.Next(9),
            },
            1 => SeaParameters.Paper with
            {
                Chains = random.Next(1, 4),
                Iterations = 3,
                Temperature = 0.5 + random.NextDouble(),
                GuidedDecode = true,
            },
            2 => new SeaParameters
            {
                Chains = random.Next(1, 4),
                Iterations = random.Next(1, 6),
                Proposals = random.Next(1, 20),
                FlipTemperature = random.Next(2),
            },
            3 => new SeaParameters { Reference = SeaReference.None, EmbeddingNoise = 0.3 },
            4 => new BestOfNParameters { SampleCount = random.Next(1, 40) },
            5 => new ArgsParameters { Candidates = random.Next(1, 6), Greedy = random.Next(2) == 0 },
            6 => new ChunkBeamSearchParameters
            {
                BeamWidth = random.Next(1, 4),
                SamplesPerBeam = random.Next(1, 4),
                ChunkTokens = random.Next(1, 5),
                PrefixScoring = (BeamPrefixScoring)random.Next(3),
            },
            _ => new BaseParameters { SamplingTemperature = 0.5 + random.NextDouble() },
        };

    private static async Task<(string[] Ends, double PassesPerBatch)> RunAsync(
        Func<AlignmentModels, AlignmentTask>[] tasks, TinyShape shape, int concurrent)
    {
        AlignmentModels? models = null;
        await using var engine = new AlignmentEngine(
            () => models = TinyModels.Load(policyShape: shape, rewardShape: shape),
            new EngineOptions
            {
                MaxConcurrentJobs = concurrent,
                MaxQueuedJobs = Jobs,
                QueueTimeout = TimeSpan.FromMinutes(10),
            }
        );
        await engine.Loaded.WaitAsync(Patience);
        AlignmentJob[] jobs = [.. tasks.Select(task =>
        {
            using JobSlot slot = engine.Reserve();
            return slot.Submit(task(models!));
        })];
        string[] ends = await Task.WhenAll(jobs.Select(EndAsync)).WaitAsync(Patience);
        return (ends, engine.PassesPerBatch);
    }

    /// <summary>Everything that a caller sees of a job but its times: the last bit of every number counts.</summary>
    private static async Task<string> EndAsync(AlignmentJob job)
    {
        List<string> seen = [];
        await foreach (AlignmentUpdate next in job.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (next is JobFinished { Outcome: var outcome })
            {
                seen.Add(
                    $"{outcome.StopReason} {outcome.Iteration} of {outcome.IterationsRun} {outcome.Chain} {Text(outcome.Response)} from "
                        + $"{Text(outcome.Draft)} at {outcome.Cost with { ReusedTokens = 0 }}");
            }
        }

        return string.Join('\n', seen);
    }

    private static string Text(ScoredResponse response) => string.Create(
        CultureInfo.InvariantCulture,
        $"[{string.Join(' ', response.Tokens)}] {response.Reward:R} {response.LogProbability:R} {response.Energy:R}");
}
