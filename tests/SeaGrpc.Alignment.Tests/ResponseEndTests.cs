using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;

namespace SeaGrpc.Alignment.Tests;

/// <summary>A response ends by itself, or fills the token limit.</summary>
[Trait("tier", "slow")]
public sealed class ResponseEndTests
{
    private const int Limit = 6;

    public static TheoryData<MethodParameters> Methods =>
    [
        new BaseParameters(),
        new BestOfNParameters { SampleCount = 2 },
        new ArgsParameters { Candidates = 3, Greedy = false },
        new ChunkBeamSearchParameters { BeamWidth = 1, SamplesPerBeam = 2, ChunkTokens = 2 },
        SeaParameters.Default with { Iterations = 2 },
        SeaParameters.Default with { Iterations = 3, Length = SeaLength.Free, MinProbability = 0 },
        SeaParameters.Langevin with { Iterations = 2, Chains = 2 },
        SeaParameters.Paper with { Iterations = 3, Chains = 2, StepSize = 30, NoiseScale = 3 },
        SeaParameters.Paper with { Iterations = 2, Chains = 2, Initialization = SeaInitialization.Random },
        SeaParameters.Paper with { Iterations = 2, Chains = 2, StepSize = 10, GuidedDecode = true },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void One_that_does_not_end_by_itself_is_as_long_as_the_limit(MethodParameters method)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        for (ulong seed = 0; seed < 24; seed++)
        {
            AlignmentOutcome outcome = Runs.Run(models, Runs.Task(method, seed, Limit)).Outcome;
            foreach (ScoredResponse response in (ScoredResponse[])[outcome.Response, outcome.Draft])
            {
                Assert.InRange(response.Tokens.Count + (response.EndsWithEos ? 1 : 0), 1, Limit);
                Assert.True(
                    response.EndsWithEos || response.Tokens.Count == Limit, $"{response.Tokens.Count} of {Limit} tokens, not ended");
            }
        }
    }

    [Fact]
    public void All_three_ends_occur()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        List<(int Tokens, bool Ended)> seen = [];
        for (ulong seed = 0; seed < 60; seed++)
        {
            ScoredResponse response = Runs.Run(models, Runs.Task(new BaseParameters(), seed, Limit)).Outcome.Response;
            seen.Add((response.Tokens.Count, response.EndsWithEos));
        }

        Assert.Contains(seen, response => response is { Ended: true, Tokens: < Limit - 1 });
        Assert.Contains((Limit - 1, true), seen);
        Assert.Contains((Limit, false), seen);
    }

    [Fact]
    public void A_draft_one_short_of_the_limit_has_ended_and_one_as_long_has_not()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        foreach (MethodParameters method in (MethodParameters[])[
            new BestOfNParameters { SampleCount = 1 }, new ArgsParameters(), new ChunkBeamSearchParameters(),
            SeaParameters.Default with { DraftSamples = 0 }])
        {
            foreach (int length in (int[])[Limit - 1, Limit])
            {
                AlignmentTask task = Runs.Task(method, maxTokens: Limit) with { Draft = [.. Enumerable.Repeat(65, length)] };
                using IAlignmentRun run = models.Start(task);
                while (!run.HasResponse)
                {
                    run.Advance();
                }

                Assert.Equal(length < Limit, run.Complete(StopReason.TimeLimit).Draft.EndsWithEos);
            }
        }
    }
}
