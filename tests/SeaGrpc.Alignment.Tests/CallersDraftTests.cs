using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

/// <summary>What every method makes of a draft that the caller hands in.</summary>
public sealed class CallersDraftTests
{
    private static readonly int[] Draft = [65, 66, 67, 68];

    public static TheoryData<MethodParameters> Methods =>
    [
        SeaParameters.Default with { Iterations = 2 },
        SeaParameters.Langevin with { Iterations = 2, DraftSamples = 3 },
        SeaParameters.Paper with { Iterations = 2, DraftSamples = 3 },
        new BestOfNParameters { SampleCount = 5 },
        new ArgsParameters { Candidates = 3 },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 3 },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 100 },
        new EnergySearchParameters { BeamWidth = 2, Candidates = 4, Iterations = 3 },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void It_is_scored_before_anything_is_sampled_and_is_the_answer_from_then_on(MethodParameters method)
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentTask task = Runs.Task(method) with { Draft = Draft };
        using IAlignmentRun run = models.Start(task);
        run.Advance(); // The prompt.
        Assert.False(run.HasResponse);
        run.Advance();
        Assert.True(run.HasResponse);

        AlignmentOutcome outcome = run.Complete(StopReason.TimeLimit);
        ScoredResponse expected = models.Score([(task.Prompt, Draft)], method.RewardWeight)[0];
        foreach (ScoredResponse told in (ScoredResponse[])[outcome.Response, outcome.Draft])
        {
            Assert.Equal(Draft, told.Tokens);
            Assert.True(told is { EndsWithEos: true, IsScored: true });
            Assert.Equal(expected.Energy, told.Energy, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_answer_is_compared_with_it(MethodParameters method)
    {
        using AlignmentModels models = TinyModels.Load(3);
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, Runs.Task(method) with { Draft = Draft });
        Assert.Equal(Draft, updates.OfType<DraftUpdate>().Single().Best.Tokens);
        Assert.Equal(Draft, outcome.Draft.Tokens);
        if (method is EnergySearchParameters)
        {
            Assert.True(outcome.Response.Energy <= outcome.Draft.Energy);
        }
        else if (method is not SeaParameters { KeepBest: false })
        {
            Assert.True(outcome.Response.Reward >= outcome.Draft.Reward);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Without_samples_every_chain_starts_from_the_draft_and_nothing_is_drawn(int chains)
    {
        using AlignmentModels models = TinyModels.Load(3);
        SeaParameters method = SeaParameters.Default with { Iterations = 1, Chains = chains, DraftSamples = 0 };
        using IAlignmentRun run = models.Start(Runs.Task(method) with { Draft = Draft });
        run.Advance();
        run.Advance();
        DraftUpdate start = Assert.IsType<DraftUpdate>(run.Advance());
        Assert.Equal(chains, start.Chains.Count);
        Assert.All(start.Chains, chain => Assert.Equal(Draft, chain.Response.Tokens));
    }

    [Fact]
    public void A_single_chain_starts_from_the_lowest_energy_of_the_draft_and_the_samples()
    {
        using AlignmentModels models = TinyModels.Load(3);
        SeaParameters method = SeaParameters.Default with { Iterations = 1, DraftSamples = 6 };
        (List<AlignmentUpdate> all, _) = Runs.Run(models, Runs.Task(method with { Chains = 7 }) with { Draft = Draft });
        ScoredResponse[] starts = [.. ((DraftUpdate)all[0]).Chains.Select(chain => chain.Response)];
        ScoredResponse lowest = starts.MinBy(start => start.Energy)!;
        ScoredResponse highest = starts.MaxBy(start => start.Energy)!;

        ScoredResponse beside = StartBeside(starts[0].Tokens);
        ScoredResponse besideTheBest = StartBeside(lowest.Tokens);
        ScoredResponse besideTheWorst = StartBeside(highest.Tokens);

        Assert.Equal(lowest.Tokens, beside.Tokens);
        Assert.Equal(lowest.Tokens, besideTheBest.Tokens);
        Assert.NotEqual(highest.Tokens, besideTheWorst.Tokens);

        ScoredResponse StartBeside(IReadOnlyList<int> draft) =>
            ((DraftUpdate)Runs.Run(models, Runs.Task(method) with { Draft = draft }).Updates[0]).Chains.Single().Response;
    }

    [Fact]
    public void A_draft_that_the_samples_beat_is_not_the_answer()
    {
        using AlignmentModels models = TinyModels.Load(3);
        SeaParameters method = SeaParameters.Default with { Iterations = 3, DraftSamples = 6 };
        int beaten = 0;
        for (int token = 33; token < 41; token++)
        {
            int[] draft = [.. Enumerable.Repeat(token, 8)];
            AlignmentOutcome outcome = Runs.Run(models, Runs.Task(method) with { Draft = draft }).Outcome;
            ScoredResponse[] samples =
            [
                .. ((DraftUpdate)Runs.Run(models, Runs.Task(method with { Chains = 7 }) with { Draft = draft }).Updates[0])
                    .Chains.Skip(1)
                    .Select(chain => chain.Response),
            ];
            ScoredResponse best = samples.MinBy(sample => sample.Energy)!;
            if (best.Energy < outcome.Draft.Energy && best.Reward >= outcome.Draft.Reward)
            {
                beaten++;
                Assert.True(outcome.Response.Energy <= best.Energy + 1e-3, $"{outcome.Response.Energy}, though a sample has {best.Energy}");
            }
        }

        Assert.InRange(beaten, 1, 8);
    }

    [Fact]
    public void Samples_that_start_no_chain_still_compete_by_reward()
    {
        using AlignmentModels models = TinyModels.Load(3);
        SeaParameters method =
            SeaParameters.Default with { Iterations = 1, DraftSamples = 8, Selection = SeaSelection.Reward, RewardWeight = 0.01 };
        for (ulong seed = 0; seed < 5; seed++)
        {
            AlignmentTask task = Runs.Task(method, seed);
            double highest = ((DraftUpdate)Runs.Run(models, task with { Method = method with { Chains = 8 } }).Updates[0])
                .Chains.Max(chain => chain.Response.Reward);
            Assert.True(Runs.Run(models, task).Outcome.Response.Reward >= highest - 1e-4);
        }
    }
}
